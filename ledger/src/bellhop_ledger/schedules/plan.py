"""Plan: which of a schedule's due runs are made now, which were missed, and when the next one is. Pure reckoning."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bellhop_ledger.schedules import CatchUp, Timing
from bellhop_ledger.schedules.recurrence.base import MOMENT
from bellhop_ledger.schedules.timing import ON_TIME


@dataclass(frozen=True)
class Plan:
    """What a schedule that is due leads to."""

    runs: list[datetime]
    """To be made, the earliest first."""
    missed: tuple[datetime, datetime] | None
    """The first and the last of those that are not made up for."""
    next_due: datetime | None


def plan(timing: Timing, first: datetime, now: datetime, *, catch_up: CatchUp, grace: int | None, ceiling: int) -> Plan:
    """Reckon with the run `first` that is due and all that have become due since."""
    latest = _not_too_late(timing, catch_up, grace, now)
    later = timing.next_after(first)
    if later is None or timing.fires_at(later) > now:  # nearly always: one run is due and no other was missed
        return Plan([first], None, later) if first >= latest else Plan([], (first, first), later)
    last = timing.last_fired_by(first, now)
    most = ceiling if catch_up is CatchUp.ALL else 1
    runs = _back_from(timing, last, max(first, latest), most)
    return Plan(runs, _missed(timing, first, last, runs), timing.next_after(last))


def _not_too_late(timing: Timing, catch_up: CatchUp, grace: int | None, now: datetime) -> datetime:
    """Return the moment before which a run is too late to be made."""
    if catch_up is CatchUp.SKIP:
        allowed = timedelta(seconds=ON_TIME)
    elif grace is None:
        return datetime.min.replace(tzinfo=now.tzinfo)
    else:
        allowed = timedelta(seconds=max(ON_TIME, grace))
    return now - allowed - timedelta(seconds=timing.jitter_seconds)


def _back_from(timing: Timing, last: datetime, earliest: datetime, most: int) -> list[datetime]:
    """Return the last runs, at most so many, that are no earlier than a moment."""
    runs: list[datetime] = []
    due: datetime | None = last if last >= earliest else None
    while due is not None and len(runs) < most:
        runs.append(due)
        due = timing.last_between(earliest, due - MOMENT)
    return runs[::-1]


def _missed(timing: Timing, first: datetime, last: datetime, runs: list[datetime]) -> tuple[datetime, datetime] | None:
    if not runs:
        return first, last
    if runs[0] == first:
        return None
    return first, timing.last_between(first, runs[0] - MOMENT) or first
