"""What several parts of the status are made of, read once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from bellhop_ledger.ledger.heartbeats import LATE
from bellhop_ledger.platform import clock
from bellhop_web.dashboard.views import Count
from bellhop_web.queues.views import QueueView, all_queues
from bellhop_web.queues.waiting import MOST_COUNTED

MINUTES = 5
"""Minutes over which the number of jobs a minute is taken."""
SERVICES = text("""
    SELECT service, seen_at, seen_at > now() - make_interval(secs => :late) AS alive FROM heartbeats
""")
ENDED = text("""
    SELECT coalesce(sum(succeeded + failed + retried), 0) FROM job_counts
    WHERE minute >= date_trunc('minute', now()) - make_interval(mins => :minutes)
      AND minute < date_trunc('minute', now())
""")


@dataclass(frozen=True)
class Seen:
    """The services and the queues."""

    now: datetime
    services: list[Any]
    queues: list[QueueView]
    a_minute: float
    """How many runs ended in a minute, lately."""

    def alive(self, service: str) -> list[Any]:
        """Return the services of a kind that have reported lately."""
        return [one for one in self.services if one.service == service and one.alive]

    def last(self, service: str) -> datetime | None:
        """Return when a service of a kind reported last, where any is remembered."""
        return max((one.seen_at for one in self.services if one.service == service), default=None)

    @property
    def waiting(self) -> int:
        """How many jobs wait for a worker."""
        return sum(queue.depth for queue in self.queues)


def look(db: Session) -> Seen:
    """Read it."""
    ended = db.scalar(ENDED, {"minutes": MINUTES})
    return Seen(
        now=clock.now(),
        services=list(db.execute(SERVICES, {"late": LATE})),
        queues=all_queues(db),
        a_minute=float(ended or 0) / MINUTES,
    )


def many(number: int) -> str:
    """Write a number of jobs that were counted up to a bound."""
    return str(Count.up_to(MOST_COUNTED, number))
