"""Recurrences that know no calendar: an interval, and once."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bellhop_ledger.schedules.recurrence.base import Recurrence

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UNITS = (("week", 604_800), ("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


@dataclass(frozen=True)
class Interval(Recurrence):
    """Equal steps counted from an anchor, so that it never drifts and never notices a clock that jumps.

    The anchor is the first run.
    """

    seconds: int
    anchor: datetime = EPOCH

    def __post_init__(self) -> None:
        if self.seconds < 1:
            raise ValueError("seconds must be at least 1")

    def next_after(self, moment: datetime) -> datetime | None:
        """Return the first step strictly after a moment."""
        step = timedelta(seconds=self.seconds)
        try:
            return self.anchor + max((moment - self.anchor) // step + 1, 0) * step
        except OverflowError:  # beyond the year 9999
            return None

    def count_between(self, start: datetime, end: datetime) -> int:
        """Return how many steps there are from a moment on and before another."""
        return max(self._steps_before(end) - self._steps_before(start), 0)

    def _steps_before(self, moment: datetime) -> int:
        return max(-((self.anchor - moment) // timedelta(seconds=self.seconds)), 0)

    @property
    def words(self) -> str:
        """The step in its largest whole unit."""
        unit, size = next((unit, size) for unit, size in UNITS if self.seconds % size == 0)
        count = self.seconds // size
        return f"every {unit}" if count == 1 else f"every {count} {unit}s"


@dataclass(frozen=True)
class Once(Recurrence):
    """One run at a date."""

    at: datetime

    def next_after(self, moment: datetime) -> datetime | None:
        """Return the date while it is to come."""
        return self.at if self.at > moment else None

    @property
    def words(self) -> str:
        """The date in UTC."""
        return f"once at {self.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
