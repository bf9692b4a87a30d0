"""An independent reckoning: look at every minute of UTC and at what each zone's clock shows then."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
Matches = Callable[[datetime], bool]


@dataclass(frozen=True)
class Window:
    """Half a day before and after a jump of a zone's clock; zones that read the same in it are one."""

    zone: str
    jump: datetime
    offsets: tuple[timedelta, ...]

    @property
    def start(self) -> datetime:
        """Its first minute."""
        return self.jump - DAY / 2

    @property
    def end(self) -> datetime:
        """The minute after its last one."""
        return self.jump + DAY / 2

    @cached_property
    def shown(self) -> list[tuple[datetime, datetime]]:
        """Return each minute of UTC with what the clock shows."""
        moments = [self.start + n * MINUTE for n in range(1440)]
        return [(moment, moment.astimezone(ZoneInfo(self.zone)).replace(tzinfo=None)) for moment in moments]

    def by_wall_clock(self, matches: Matches) -> list[datetime]:
        """Run once for each matching time when the clock reaches or passes it for the first time."""
        runs, frontier = [], self.shown[0][1] - MINUTE
        for moment, wall in self.shown:
            reached = []
            while frontier < wall:
                frontier += MINUTE
                reached.append(frontier)
            if any(map(matches, reached)):
                runs.append(moment)
        return runs

    def by_real_time(self, matches: Matches) -> list[datetime]:
        """Run whenever the clock shows a matching time."""
        return [moment for moment, wall in self.shown if matches(wall)]


@cache
def windows_of_all_zones(first_year: int, years: int) -> list[Window]:
    """Return the jumps of all zones, each kind of them once."""
    found: dict[tuple[datetime, tuple[timedelta, ...]], Window] = {}
    start = datetime(first_year, 1, 1, tzinfo=UTC)
    for name in sorted(available_timezones()):
        for window in windows_of(name, start, start.replace(year=first_year + years)):
            found.setdefault((window.jump, window.offsets), window)
    return list(found.values())


def windows_of(name: str, start: datetime, end: datetime) -> Iterator[Window]:
    """Yield the jumps of a zone: compare the offsets of each two days, then those of each two minutes between."""
    zone = ZoneInfo(name)
    while start < end:
        if _offset(start, zone) != _offset(start + DAY, zone):
            moments = [start + n * MINUTE for n in range(1441)]
            jump = next(b for a, b in pairwise(moments) if _offset(a, zone) != _offset(b, zone))
            yield Window(name, jump, (_offset(jump - MINUTE, zone), _offset(jump, zone)))
        start += DAY


def _offset(moment: datetime, zone: ZoneInfo) -> timedelta:
    return moment.astimezone(zone).utcoffset() or timedelta(0)
