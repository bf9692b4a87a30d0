"""A crontab in a time zone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from bellhop_ledger.platform.zones import end_of_gap, first_change, first_moment, local_time
from bellhop_ledger.schedules.recurrence.base import MOMENT, Recurrence
from bellhop_ledger.schedules.recurrence.pattern import LAST_YEAR, Pattern, whole_minute
from bellhop_ledger.schedules.recurrence.words import say

MINUTE, A_DAY = timedelta(minutes=1), timedelta(days=1)
ZONE_UTC = ZoneInfo("UTC")


@dataclass(frozen=True)
class Crontab(Recurrence):
    """Five fields in a zone, with the rules of Debian's cron where the clock jumps.

    Source: cron(8) and crontab(5) of Debian's cron 3.0pl1, 'special handling of clock changes'. There, and here:

    - A crontab whose hour or minute begins with a star follows real time: it runs whenever the clock shows a
      time that matches. So an hourly one runs 23 times on the day that loses an hour and 25 times on the other,
      and what matches only times that are skipped does not run on that day.
    - Any other follows the wall clock and runs once for each time that matches: at a time that is shown twice
      it runs the first time; for times that are skipped it runs once, at the first moment after them.

    Debian calls a jump of more than three hours a correction and makes up for nothing; here a day that a zone
    skips (Samoa's 2011-12-30) is made up for like a skipped hour, so that what runs on the 30th is not lost.
    """

    text: str
    pattern: Pattern
    zone: ZoneInfo

    @classmethod
    def parse(cls, text: str, zone: ZoneInfo = ZONE_UTC) -> "Crontab":
        """Read a crontab of five fields or an alias such as @daily. Raises NotACrontab, which names the field."""
        return cls(" ".join(text.split()), Pattern.parse(text), zone)

    @property
    def words(self) -> str:
        """What it means, such as 'every weekday at 02:30'."""
        return say(self.pattern)

    def next_after(self, moment: datetime) -> datetime | None:
        """Return the first run strictly after a moment; empty only at the end of the calendar."""
        if moment.year > LAST_YEAR:
            return None
        wall = local_time(moment, self.zone).replace(second=0, microsecond=0) + MINUTE
        if not self.pattern.follows_real_time:
            return self._search(wall, lambda wall: self._first_after(moment, wall))
        again = self._second_pass(moment)
        if again is None:
            return self._search(wall, lambda wall: self._shown_after(moment, wall))
        before = self._search(wall, lambda wall: self._shown_after(moment, wall))
        if before is not None and before < again:
            return before
        return self._search(whole_minute(local_time(again, self.zone)), lambda wall: self._shown_after(moment, wall))

    def count_between(self, start: datetime, end: datetime) -> int:
        """Return how many runs there are from a moment on and before another; quickly where no clock jumps."""
        since = start if self.pattern.follows_real_time else start - A_DAY  # a jump shows times again for a day at most
        walls = _walls(self.zone, since, start, end)
        return self.pattern.count_between(*walls) if walls else super().count_between(start, end)

    def _search(self, wall: datetime, moment_of: Callable[[datetime], datetime | None]) -> datetime | None:
        """Go through the matching times of the wall clock until one of them is a run."""
        while (found := self.pattern.from_wall(wall)) is not None:
            if (run := moment_of(found)) is not None:
                return run
            wall = self._behind(found)
        return None

    def _first_after(self, moment: datetime, wall: datetime) -> datetime | None:
        run = first_moment(wall, self.zone)
        return run if run > moment else None

    def _shown_after(self, moment: datetime, wall: datetime) -> datetime | None:
        """Return the first moment after one at which the clock shows a time; empty if it never does."""
        for fold in (0, 1):
            run = wall.replace(tzinfo=self.zone, fold=fold).astimezone(UTC)
            if run > moment and local_time(run, self.zone) == wall:
                return run
        return None

    def _behind(self, wall: datetime) -> datetime:
        """Return the next minute to look at; where the clock skips this one, that is where it lands."""
        if local_time(wall.replace(tzinfo=self.zone).astimezone(UTC), self.zone) == wall:
            return wall + MINUTE
        return max(whole_minute(local_time(end_of_gap(wall, self.zone), self.zone)), wall + MINUTE)

    def _second_pass(self, moment: datetime) -> datetime | None:
        """Return when the clock is set back, if what it shows at this moment it will show again."""
        local = moment.astimezone(self.zone)
        repeated = local.replace(fold=1).astimezone(UTC)
        return first_change(moment, repeated, self.zone) if repeated > moment else None


@lru_cache(maxsize=4096)
def _walls(zone: ZoneInfo, since: datetime, start: datetime, end: datetime) -> tuple[datetime, datetime] | None:
    """Return what the clock shows at two moments if it has not jumped since another: each minute of them comes once."""
    if len({moment.astimezone(zone).utcoffset() for moment in (since, start, end - MOMENT)}) > 1:
        return None
    return local_time(start, zone), local_time(end - MOMENT, zone) + MOMENT
