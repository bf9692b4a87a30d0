"""The five fields of a crontab, read one by one."""

import re
from dataclasses import dataclass

from bellhop.errors import Fault, Invalid

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
BY_DATE = "; run on more days and let the task look at the date"
UNSUPPORTED = (
    (re.compile(r".*#.*"), f"# (the nth weekday of a month) is not supported{BY_DATE}"),
    (re.compile(r"(\d+|l)w", re.IGNORECASE), f"W (the nearest weekday) is not supported{BY_DATE}"),
    (
        re.compile(r"(\d+|[a-z]{3})?l(-\d+)?", re.IGNORECASE),
        f"L (the last one of a month) is not supported; the 1st of the next month may serve, or{BY_DATE[1:]}",
    ),
    (re.compile(r"\?"), "? is not supported; write * instead"),
    (
        re.compile(r"h(\(.*\))?", re.IGNORECASE),
        "H (a time of our choice) is not supported; write a number, and spread runs with jitter_seconds",
    ),
    (
        re.compile(r"\d*~\d*"),
        "~ (a random time) is not supported; write a number, and spread runs with jitter_seconds",
    ),
)
"""What other programs know, and what may be written in its place."""


class NotACrontab(Invalid):
    """This is not a crontab."""

    def __init__(self, message: str):
        super().__init__(message, faults=[Fault("crontab", message)])


@dataclass(frozen=True)
class Entry:
    """What one field allows: bit n of `values` stands for n; `starred` if it begins with a star, as cron has it."""

    values: int
    starred: bool


@dataclass(frozen=True)
class Field:
    """One of the five fields: what it is called and what may stand in it."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()

    def parse(self, text: str) -> Entry:
        """Read lists, ranges, steps and names. A range may pass the field's end: fri-mon, 22-2. Raises NotACrontab."""
        values = 0
        for term in text.split(","):
            for value in self._term(term, text):
                values |= 1 << self._folded(value)
        return Entry(values, text.startswith("*"))

    def _term(self, term: str, text: str) -> list[int]:
        if not term:
            raise self._refuse(f"{text[:20]!r} has an empty place in its list")
        if "#" in term:
            raise self._unknown(term)
        span, slash, step = term.partition("/")
        values = self._span(span, open_ended=bool(slash))
        return values[:: self._step(step)] if slash else values

    def _span(self, span: str, open_ended: bool) -> list[int]:
        if span == "*":
            return list(range(self.low, self.high + 1))
        first, dash, last = span.partition("-")
        start = self._value(first, span)
        end = self._value(last, span) if dash else start
        if not dash and open_ended:
            return list(range(self._folded(start), self.high + 1))
        if start == end:
            return [start]
        start = self._folded(start)
        if start <= end:
            return list(range(start, end + 1))
        return [*range(start, self.high + 1), *range(self.low, end + 1)]

    def _value(self, text: str, span: str) -> int:
        if text.lower() in self.names:
            return self.names.index(text.lower()) + self.low
        if not (text.isascii() and text.isdigit()):
            raise self._unknown(span)
        number = int(text[:9])
        if not self.low <= number <= self._highest:
            raise self._refuse(f"{text[:9]} is not {self._allowed()}")
        return number

    @property
    def _highest(self) -> int:
        return 7 if self.names is WEEKDAYS else self.high  # Sunday has two numbers

    def _folded(self, value: int) -> int:
        return 0 if self.names is WEEKDAYS and value == 7 else value

    def _step(self, text: str) -> int:
        size = self.high - self.low + 1
        step = int(text[:9]) if text.isascii() and text.isdigit() else 0
        if not 1 <= step <= size:
            raise self._refuse(f"a step must be a whole number from 1 to {size}, not {text[:20]!r}")
        return step

    def _unknown(self, text: str) -> NotACrontab:
        for pattern, what in UNSUPPORTED:
            if pattern.fullmatch(text):
                return self._refuse(what)
        return self._refuse(f"{text[:20]!r} is not {self._allowed()}")

    def _allowed(self) -> str:
        named = f" or {self.names[0]} to {self.names[-1]}" if self.names else ""
        return f"a number from {self.low} to {self._highest}{named}"

    def _refuse(self, message: str) -> NotACrontab:
        return NotACrontab(f"{self.name}: {message}")


MINUTE = Field("minute", 0, 59)
HOUR = Field("hour", 0, 23)
DAY = Field("day of month", 1, 31)
MONTH = Field("month", 1, 12, MONTHS)
WEEKDAY = Field("day of week", 0, 6, WEEKDAYS)
FIELDS = (MINUTE, HOUR, DAY, MONTH, WEEKDAY)
