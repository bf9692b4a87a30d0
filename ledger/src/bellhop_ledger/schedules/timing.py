"""Timing: when a schedule is due, what was missed, and by how much a run is put off. Pure reckoning."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from bellhop_ledger.schedules.recurrence import Recurrence
from bellhop_ledger.schedules.recurrence.base import MOMENT

SECOND = timedelta(seconds=1)
"""Two runs of a recurrence lie at least so far apart."""
ON_TIME = 15
"""Seconds: a run that is no later than this is not missed. Longer than any failover takes."""
LATE = timedelta(seconds=60)
"""A run that has not begun so long after it was due is late. Its jitter is no lateness."""
LONGEST_SHIFT = timedelta(days=2)
"""By more than this no change of a zone's rules moves a run; Samoa has moved by a day."""


@dataclass(frozen=True)
class Timing:
    """A recurrence between a start and an end, both included."""

    rule: Recurrence
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    jitter_seconds: int = 0
    key: UUID | None = None
    """Whose jitter it is."""

    def next_after(self, moment: datetime) -> datetime | None:
        """Return the first run strictly after a moment; empty when there is none any more."""
        if self.starts_at and moment < self.starts_at:
            moment = self.starts_at - MOMENT
        due = self.rule.next_after(moment)
        return None if due is None or (self.ends_at and due > self.ends_at) else due

    def count_between(self, start: datetime, end: datetime) -> int:
        """Return how many runs are due from a moment on and before another."""
        start = max(start, self.starts_at) if self.starts_at else start
        end = min(end, self.ends_at + MOMENT) if self.ends_at else end
        return self.rule.count_between(start, end) if start < end else 0

    def jitter(self, due: datetime) -> timedelta:
        """Return by how much a run is put off: the same whenever it is asked, and by whichever process."""
        if not self.jitter_seconds or self.key is None:
            return timedelta(0)
        digest = hashlib.sha256(self.key.bytes + str(due.timestamp()).encode()).digest()
        return timedelta(seconds=self.jitter_seconds * int.from_bytes(digest[:6]) / 2**48)

    def fires_at(self, due: datetime) -> datetime:
        """Return when a run is made."""
        return due + self.jitter(due)

    def last_fired_by(self, first: datetime, now: datetime) -> datetime:
        """Return the last run that is to be made by now, where `first` is one that is."""
        surely = now - timedelta(seconds=self.jitter_seconds)
        last = self.last_until(first, surely) if first < surely else first
        while (later := self.next_after(last)) is not None and self.fires_at(later) <= now:
            last = later
        return last

    def last_between(self, earliest: datetime, latest: datetime) -> datetime | None:
        """Return the last run between two moments, both included; empty when there is none."""
        first = self.next_after(earliest - MOMENT)
        return None if first is None or first > latest else self.last_until(first, latest)

    def last_until(self, first: datetime, moment: datetime) -> datetime:
        """Return the last run at or before a moment, where `first` is one. Takes as long for a year as for a day."""
        later = self.next_after(first)
        if later is None or later > moment:
            return first
        low, high = self._around(first, moment)
        while high - low > SECOND:
            middle = low + (high - low) / 2
            low, high = (middle, high) if self._run_between(middle, moment) else (low, middle)
        found = first
        while (later := self.next_after(low)) is not None and later <= moment:
            found = low = later
        return found

    def in_place_of(self, planned: datetime) -> datetime | None:
        """Return the run that stands for one that was planned when the zone had other rules: the nearest one now."""
        later = self.rule.next_after(planned - MOMENT)
        if later == planned:
            return planned
        earlier = replace(self, starts_at=None, ends_at=None).last_between(planned - LONGEST_SHIFT, planned)
        near = [run for run in (earlier, later) if run is not None]
        return self.next_after(min(near, key=lambda run: abs(run - planned)) - MOMENT) if near else None

    def _around(self, first: datetime, moment: datetime) -> tuple[datetime, datetime]:
        """Return two moments with the last run behind the first of them: look back twice as far each time."""
        step, low, high = SECOND, moment - SECOND, moment
        while low > first and not self._run_between(low, moment):
            step *= 2
            low, high = moment - step, low
        return max(low, first), high

    def _run_between(self, after: datetime, until: datetime) -> bool:
        due = self.next_after(after)
        return due is not None and due <= until
