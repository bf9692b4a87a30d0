"""Between a zone's wall clock and UTC, where the clock jumps too."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from bellhop.errors import Fault, Invalid

LONGEST_NAME = 64
A_DAY = timedelta(days=1)
NO_PLACES = frozenset({"localtime", "Factory"})
"""Files beside the zones: where this machine stands, and that nobody has said so."""


class NotAZone(Invalid):
    """This is not a time zone."""

    def __init__(self, name: str):
        near = _near(name[:LONGEST_NAME])
        hint = f"; is {near} meant?" if near else ", such as Europe/Vienna or UTC"
        message = f"{name[:LONGEST_NAME]!r} is not a time zone of the IANA database{hint}"
        super().__init__(message, faults=[Fault("zone", message)])


@cache
def zone_names() -> frozenset[str]:
    """Return the names of all zones; other files of the database, such as those with leap seconds, are none."""
    return frozenset(available_timezones() - NO_PLACES)


@lru_cache(maxsize=1024)
def find_zone(name: str) -> ZoneInfo:
    """Return a zone by its IANA name, written as there. Raises NotAZone."""
    if name not in zone_names():
        raise NotAZone(name)
    return ZoneInfo(name)


def _near(name: str) -> str | None:
    by_lower = {known.lower(): known for known in sorted(zone_names())}
    name = name.lower().removeprefix("posix/").removeprefix("right/").strip().replace(" ", "_")
    near = get_close_matches(name, by_lower, n=1, cutoff=0.8)
    return by_lower[near[0]] if near else None


class NotOnTheClock(Invalid):
    """The clock of the zone does not show this time, or shows it twice."""


def moment_of(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the one moment at which the zone's clock shows a time.

    Raises NotOnTheClock for a time that the clock skips, and for one that it shows twice.
    """
    try:
        first, second = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
        on_the_clock = local_time(first, zone) == wall
    except OverflowError:
        raise NotOnTheClock("must lie between the years 1 and 9999") from None
    if not on_the_clock:
        raise NotOnTheClock(f"{_format(wall, zone)} does not exist, for the clock goes forward; give another time")
    if first != second:
        offsets = " or ".join(moment.astimezone(zone).isoformat(timespec="seconds")[19:] for moment in (first, second))
        raise NotOnTheClock(
            f"{_format(wall, zone)} comes twice, for the clock goes back; add its offset, {offsets}, or give it in UTC"
        )
    return first


def _format(wall: datetime, zone: ZoneInfo) -> str:
    return f"{wall:%H:%M} on {wall:%Y-%m-%d} in {zone.key}"


def first_moment(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment at which the zone's clock first shows a time, or the first after it if it skips that time."""
    moment = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    return moment if local_time(moment, zone) == wall else end_of_gap(wall, zone)


def local_time(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return what the zone's clock shows, as a naive datetime."""
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def end_of_gap(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the moment at which the clock jumps over a time that it never shows.

    PEP 495: read with fold=1, such a time lies before the jump, and with fold=0 after it.
    """
    before, after = (wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (1, 0))
    return first_change(before, after, zone)


def first_change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the one moment between two, to the second, at which the zone's offset from UTC changes."""
    low, high = int(before.timestamp()), int(after.timestamp())
    offset = before.astimezone(zone).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return datetime.fromtimestamp(high, UTC)


@dataclass(frozen=True)
class Jump:
    """A moment at which the clock of a zone is changed."""

    at: datetime
    before: timedelta
    """The zone's offset from UTC until then."""
    after: timedelta

    @property
    def by(self) -> timedelta:
        """By how much the clock goes forward; less than nothing where it goes back."""
        return self.after - self.before

    @property
    def wall(self) -> tuple[datetime, datetime]:
        """The first time on the wall clock that is skipped or shown twice, and the first after it that is not."""
        shown = self.at.replace(tzinfo=None)
        first, last = sorted((shown + self.before, shown + self.after))
        return first, last


def next_jump(zone: ZoneInfo, after: datetime, until: datetime) -> Jump | None:
    """Return the first change of a zone's clock after a moment and until another, in UTC; None if there is none."""
    day, offset = after, after.astimezone(zone).utcoffset()
    while day < until:
        before, day = day, min(day + A_DAY, until)
        if (changed := day.astimezone(zone).utcoffset()) != offset:
            return _jump(first_change(before, day, zone), offset, changed)
    return None


def _jump(at: datetime, before: timedelta | None, after: timedelta | None) -> Jump:
    assert before is not None  # each zone has an offset
    assert after is not None
    return Jump(at, before, after)
