"""What a crontab asks of the wall clock, whatever the zone."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bellhop_ledger.schedules.recurrence.fields import DAY, FIELDS, MONTH, Entry, NotACrontab
from bellhop_ledger.schedules.recurrence.pasted import fields_of

LONGEST_TEXT = 1000
LAST_YEAR = 9998
"""The year after is left as room for zones, for the calendar of datetime ends with it."""
A_MINUTE, AN_HOUR = timedelta(minutes=1), timedelta(hours=1)
LENGTHS = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
EACH_WEEK = sum(1 << 7 * week for week in range(6))
"""Times a bit for each weekday: a bit for each day of six weeks from a Sunday on."""


@dataclass(frozen=True)
class Pattern:
    """The five fields. As cron has it, a day must be in both fields of days if one begins with a star, else in one."""

    minutes: Entry
    hours: Entry
    days: Entry
    months: Entry
    weekdays: Entry

    @classmethod
    def parse(cls, text: str) -> "Pattern":
        """Read five fields or an alias such as @daily. Raises NotACrontab, which names the field."""
        if len(text) > LONGEST_TEXT:
            raise NotACrontab(f"at most {LONGEST_TEXT} characters are read")
        parts = fields_of(text)
        made = cls(*(field.parse(part) for field, part in zip(FIELDS, parts, strict=True)))
        made._refuse_impossible(parts)
        return made

    @property
    def either_day(self) -> bool:
        """Whether a day needs to be in one of the two fields of days only."""
        return not (self.days.starred or self.weekdays.starred)

    @property
    def follows_real_time(self) -> bool:
        """Whether the hour or the minute begins with a star."""
        return self.hours.starred or self.minutes.starred

    def from_wall(self, wall: datetime) -> datetime | None:
        """Return the first matching minute at or after one, without regard to zones."""
        days = self.days_of(wall.year, wall.month) if self.months.values >> wall.month & 1 else 0
        if days >> wall.day & 1 and (time := self._time_from(wall.hour, wall.minute)):
            return datetime(wall.year, wall.month, wall.day, *time)
        found = self._date_from(wall.year, wall.month, wall.day + 1)
        return found and datetime(*found, _lowest(self.hours.values, 0), _lowest(self.minutes.values, 0))

    def days_of(self, year: int, month: int) -> int:
        """Return the matching days of a month: bit n stands for day n."""
        by_weekday = self.weekdays.values * EACH_WEEK >> date(year, month, 1).weekday()
        chosen = self.days.values | by_weekday if self.either_day else self.days.values & by_weekday
        return chosen & (2 << _length(year, month)) - 2

    def count_between(self, start: datetime, end: datetime) -> int:
        """Return how many matching minutes there are from one on and before another, without regard to zones."""
        start, end = whole_minute(start), whole_minute(end)
        hour, runs = start.replace(minute=0), 0
        while hour < end:
            if self._has_hour(hour):
                first = start.minute if hour < start else 0
                last = end.minute if end - hour < AN_HOUR else 60
                runs += (self.minutes.values >> first & (1 << last - first) - 1).bit_count()
            hour += AN_HOUR
        return runs

    def repeats_after(self, minutes: int) -> bool:
        """Whether so many minutes later the same minutes match, on a day of which every hour does."""
        shift, whole = minutes % 60, (1 << 60) - 1
        turned = (self.minutes.values << shift | self.minutes.values >> 60 - shift) & whole
        return self.hours.values == (1 << 24) - 1 and turned == self.minutes.values

    def _has_hour(self, hour: datetime) -> bool:
        days = self.days_of(hour.year, hour.month) if self.months.values >> hour.month & 1 else 0
        return bool(days >> hour.day & 1 and self.hours.values >> hour.hour & 1)

    def _time_from(self, hour: int, minute: int) -> tuple[int, int] | None:
        if self.hours.values >> hour & 1 and (found := _lowest(self.minutes.values, minute)) >= 0:
            return hour, found
        later = _lowest(self.hours.values, hour + 1)
        return None if later < 0 else (later, _lowest(self.minutes.values, 0))

    def _date_from(self, year: int, month: int, day: int) -> tuple[int, int, int] | None:
        while year <= LAST_YEAR:
            if self.months.values >> month & 1 and (found := _lowest(self.days_of(year, month), day)) >= 0:
                return year, month, found
            day, month = 1, _lowest(self.months.values, month + 1)
            if month < 0:
                year, month = year + 1, _lowest(self.months.values, 1)
        return None

    def _refuse_impossible(self, parts: list[str]) -> None:
        """Every date that exists falls on every weekday within 400 years, so the lengths of the months decide."""
        longest = max(LENGTHS[month] for month in range(1, 13) if self.months.values >> month & 1)
        if not self.either_day and _lowest(self.days.values, 1) > longest:
            raise NotACrontab(f"{DAY.name}: {parts[2]} never comes in {MONTH.name} {parts[3]}")


def whole_minute(wall: datetime) -> datetime:
    """Round up to a whole minute."""
    floor = wall.replace(second=0, microsecond=0)
    return floor if floor == wall else floor + A_MINUTE


def _length(year: int, month: int) -> int:
    if month != 2 or (year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)):
        return LENGTHS[month]
    return 28


def _lowest(values: int, start: int) -> int:
    """Return the lowest set bit from `start` on, or -1."""
    rest = values >> start
    return start + (rest & -rest).bit_length() - 1 if rest else -1
