"""What a request says of the wall: of which schedules, and from when to when."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import Field

from bellhop.errors import Fault, Invalid
from bellhop_ledger.platform.zones import first_moment, local_time
from bellhop_web.http.fields import QueryMoment
from bellhop_web.jobs.filters import DATE
from bellhop_web.schedules.listing import Filters

A_DAY, LONGEST = timedelta(days=1), timedelta(days=2)
HOUR = timedelta(hours=1)
FIRST = datetime(1970, 1, 1, tzinfo=UTC)
"""Nothing ran before."""
EVENING, MORNING = time(18), time(8)
LAST_NIGHT = "last-night"


@dataclass(frozen=True)
class Window:
    """The time that a wall shows: from a moment on and before another."""

    since: datetime
    until: datetime

    @property
    def origin(self) -> datetime:
        """The full hour before it, from which hours are counted."""
        return self.since.replace(minute=0, second=0, microsecond=0)

    @property
    def seconds(self) -> float:
        """How long it is."""
        return (self.until - self.since).total_seconds()

    def share(self, moment: datetime) -> float:
        """Return where a moment lies, from 0 to 1, in the window or at its edge."""
        return min(max((moment - self.since).total_seconds() / self.seconds, 0.0), 1.0)


class WallQuery(Filters):
    """Which page of the wall, and of which time."""

    list_name = "wall"

    schedule: UUID | None = Field(default=None, description="Only the schedule with this id")
    since: QueryMoment | None = Field(
        default=None,
        description=f"The runs that were due then or later: {DATE}; 24 h before `until` when not given",
        examples=["2030-01-30T18:00:00Z"],
    )
    until: QueryMoment | None = Field(
        default=None, description=f"The runs that were due before: {DATE}; now when not given"
    )

    def window(self, now: datetime) -> Window:
        """Return the time that is asked for. Raises Invalid, which names the field."""
        until = self.until or (min(self.since, now - A_DAY) + A_DAY if self.since else now)
        since = self.since or max(until, FIRST) - A_DAY
        if since >= until:
            raise Invalid(faults=[Fault("since", "must lie before until, and in the past")])
        if until - since > LONGEST:
            raise Invalid(faults=[Fault("until", f"must lie at most {LONGEST // HOUR} h after since")])
        return Window(since, until)


def window_of(day: str, now: datetime, zone: ZoneInfo) -> Window:
    """Return the window of a page: a date on the zone's clock, the last night, or the last 24 h.

    Raises Invalid for what is no date.
    """
    if not day:
        return Window(now - A_DAY, now)
    today = local_time(now, zone).date()
    if day == LAST_NIGHT:
        return Window(_at(today - A_DAY, EVENING, zone), _at(today, MORNING, zone))
    return day_of(day_in(day, "day"), zone)


def day_in(text: str, field: str) -> date:
    """Read a date from a query. Raises Invalid for what is none, and for one at which nothing can have run."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = date.min
    if not FIRST.year < found.year < date.max.year:
        raise Invalid(faults=[Fault(field, "must be a date, such as 2030-01-31")])
    return found


def day_of(day: date, zone: ZoneInfo) -> Window:
    """Return a day on the zone's clock, from midnight to midnight."""
    return Window(_at(day, time(), zone), _at(day + A_DAY, time(), zone))


def _at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return first_moment(datetime.combine(day, clock), zone)


def hours_of(window: Window, zone: ZoneInfo) -> list[datetime]:
    """Return the full hours of the zone's clock in a window, in UTC."""
    first = window.since.astimezone(zone).replace(minute=0, second=0, microsecond=0).astimezone(UTC)
    count = int((window.until - first) / HOUR) + 1
    return [hour for hour in (first + number * HOUR for number in range(count)) if window.since <= hour < window.until]
