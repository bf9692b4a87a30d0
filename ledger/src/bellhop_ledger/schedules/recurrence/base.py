"""What crontab, interval and once have in common."""

from abc import ABC, abstractmethod
from datetime import datetime, timedelta

MOMENT = timedelta(microseconds=1)


class Recurrence(ABC):
    """A rule that says when something runs. Moments go in and come out in UTC."""

    @abstractmethod
    def next_after(self, moment: datetime) -> datetime | None:
        """Return the first run strictly after a moment; empty when there is none any more."""

    @property
    @abstractmethod
    def words(self) -> str:
        """The rule in plain English."""

    def next_runs(self, after: datetime, count: int) -> list[datetime]:
        """Return the next runs strictly after a moment, at most `count`."""
        runs: list[datetime] = []
        upcoming = self.next_after(after) if count > 0 else None
        while upcoming is not None:
            runs.append(upcoming)
            upcoming = self.next_after(upcoming) if len(runs) < count else None
        return runs

    def count_between(self, start: datetime, end: datetime) -> int:
        """Return how many runs there are from a moment on and before another."""
        runs, upcoming = 0, self.next_after(start - MOMENT)
        while upcoming is not None and upcoming < end:
            runs, upcoming = runs + 1, self.next_after(upcoming)
        return runs
