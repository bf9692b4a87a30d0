"""Rates: how many jobs come to each queue and end in it a minute, at this moment, and when it will be empty."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import text
from sqlalchemy.orm import Session

from bellhop_ledger.platform import clock
from bellhop_web.site.format import length

ARRIVALS_OF = 60.0
ENDS_OF = 120.0
"""Seconds that are looked at. Fewer would forget slow queues, more would not notice that a rush is over."""
MOST_ENDS = 2_000
"""Ends of each kind that are looked at, the latest: in a rush they are those of a second, which is enough."""
LONGEST = 30 * 86_400.0
"""Seconds beyond which a queue does not empty."""

# Read from the indexes by state and end.
ENDS = text("""
    WITH lately AS MATERIALIZED (
        (SELECT state, queue, finished_at FROM jobs
         WHERE state = 'succeeded' AND finished_at > now() - make_interval(secs => :of)
         ORDER BY finished_at DESC LIMIT :most)
        UNION ALL
        (SELECT state, queue, finished_at FROM jobs
         WHERE state = 'failed' AND finished_at > now() - make_interval(secs => :of)
         ORDER BY finished_at DESC LIMIT :most)
        UNION ALL
        (SELECT state, queue, finished_at FROM jobs
         WHERE state = 'cancelled' AND finished_at > now() - make_interval(secs => :of)
         ORDER BY finished_at DESC LIMIT :most)
    )
    SELECT queue, count(*) AS ended, sum(count(*)) OVER of_state AS ended_of_state,
           CAST(extract(epoch FROM now() - min(min(finished_at)) OVER of_state) AS float8) AS seconds
    FROM lately GROUP BY state, queue WINDOW of_state AS (PARTITION BY state)
""")


class Outlook(StrEnum):
    """What will become of a queue."""

    EMPTY = "empty"
    EMPTIES = "empties"
    GROWS = "grows"
    PAUSED = "paused"
    UNSERVED = "unserved"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Forecast:
    """What will become of a queue, if things go on as they do."""

    outlook: Outlook
    seconds: float | None = None
    """Until it is empty."""
    exact: bool = True
    """Whether all jobs that wait were counted; otherwise it takes longer."""

    @property
    def words(self) -> str:
        """For people."""
        return self.within(self.seconds) if self.seconds is not None else WORDS[self.outlook]

    @property
    def minutes(self) -> str:
        """In how many whole minutes it is empty, for people; nothing where that is not known."""
        return self.within(60 * max(round(self.seconds / 60), 1)) if self.seconds is not None else ""

    def within(self, seconds: float) -> str:
        """Write a time in which it is empty, which is longer where not all jobs were counted."""
        return f"{'' if self.exact else 'more than '}{length(seconds)}"


WORDS = {
    Outlook.EMPTY: "empty",
    Outlook.EMPTIES: "empties",
    Outlook.GROWS: "grows",
    Outlook.PAUSED: "paused",
    Outlook.UNSERVED: "nobody serves it",
    Outlook.UNKNOWN: "nothing ended lately",
}


def ends_per_minute(db: Session) -> dict[str, float]:
    """Return how many jobs of each queue ended a minute in the last two, however they ended."""
    found: dict[str, float] = defaultdict(float)
    for row in db.execute(ENDS, {"of": ENDS_OF, "most": MOST_ENDS}):
        seconds = max(row.seconds, 0.1) if row.ended_of_state >= MOST_ENDS else ENDS_OF
        found[row.queue] += row.ended * 60 / seconds
    return found


def arrivals_per_minute(lately: int, oldest: datetime | None, ends: float) -> float:
    """Return how many jobs come a minute.

    `lately` are those that came in the last minute and wait. Where an older one waits, these are all that came;
    where none does, as many have come and begun as have ended.
    """
    return lately * 60 / ARRIVALS_OF + (0.0 if _is_old(oldest) else ends)


def forecast(*, waiting: int, oldest: datetime | None, arrivals: float, ends: float) -> Forecast:
    """Return when a queue that is served will be empty; of a rush that has just begun, as if nothing more came."""
    if not waiting:
        return Forecast(Outlook.EMPTY)
    if not ends:
        return Forecast(Outlook.UNKNOWN)
    net = ends - arrivals if _is_old(oldest) else ends
    seconds = waiting * 60 / net if net > 0 else LONGEST
    return Forecast(Outlook.GROWS) if seconds >= LONGEST else Forecast(Outlook.EMPTIES, max(round(seconds, 1), 1.0))


def _is_old(oldest: datetime | None) -> bool:
    return oldest is not None and (clock.now() - oldest).total_seconds() > ARRIVALS_OF
