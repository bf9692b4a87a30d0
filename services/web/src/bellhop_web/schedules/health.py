"""Health: whether the runs of a schedule succeed and begin in time, whatever its state is."""

from datetime import datetime
from enum import StrEnum
from itertools import takewhile

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    and_,
    case,
    cast,
    exists,
    func,
    not_,
    or_,
    select,
)

from bellhop_ledger.ledger.tables import WAITING, Job, State, Tier
from bellhop_ledger.schedules import Schedule, ScheduleRun
from bellhop_ledger.schedules.timing import LATE

MOST_FAILURES = 20
"""So many runs that failed in a row are counted at most."""
MOST_LATE = 20_000
"""So many jobs that wait are looked at at most, where the schedules of all of them are asked for."""


class Trouble(StrEnum):
    """What is wrong with a schedule, the worst first."""

    FAILING = "failing"
    LATE = "late"
    PAUSED = "paused"


def _ended_runs(most: int) -> Select[State, datetime]:
    """Select how the newest ended runs of a schedule ended; a cancelled one says nothing about its health."""
    state = func.coalesce(Job.state, ScheduleRun.state)
    ended = select(state.label("state"), ScheduleRun.due_at).outerjoin(Job, Job.id == ScheduleRun.job_id)
    ended = ended.where(ScheduleRun.schedule_id == Schedule.id, state.in_([State.SUCCEEDED, State.FAILED]))
    return ended.order_by(ScheduleRun.due_at.desc()).limit(most).correlate(Schedule)


def failures() -> ColumnElement[int]:
    """Count the runs that have failed since the last one that succeeded."""
    return select(func.count()).select_from(failed_runs().subquery()).scalar_subquery()


def failed_runs() -> Select[datetime]:
    """Select when the runs were due that have failed since the last one that succeeded."""
    ended = _ended_runs(MOST_FAILURES).subquery()
    succeeded = func.sum(case((ended.c.state == State.SUCCEEDED, 1), else_=0)).over(order_by=ended.c.due_at.desc())
    since = select(succeeded.label("succeeded"), ended.c.due_at).subquery()
    return select(since.c.due_at).where(since.c.succeeded == 0)


def last_run_failed() -> ColumnElement[bool]:
    """Whether the last run that ended has failed; null where none has ended."""
    last = _ended_runs(1).subquery()
    return select(last.c.state == State.FAILED).scalar_subquery()


def is_failing() -> ColumnElement[bool]:
    """Whether the last run that ended has failed, or the schedule cannot run.

    The runs of those only are looked at of which any has failed: they are few, and have an index of their own.
    """
    failed_jobs = select(Job.schedule).where(*has_failed()).correlate(None)
    failed_runs = select(ScheduleRun.schedule_id).where(ScheduleRun.state == State.FAILED).correlate(None)
    perhaps = or_(cast(Schedule.id, Text).in_(failed_jobs), Schedule.id.in_(failed_runs))
    failed = func.coalesce(last_run_failed(), False)
    return case((Schedule.disabled_reason.is_not(None), True), (perhaps, failed), else_=False)


def has_failed() -> tuple[ColumnElement[bool], ...]:
    """Return what holds for a job of a schedule that has failed, as their index has it."""
    return (Job.state == State.FAILED, Job.schedule.is_not(None), Job.tier > Tier.UNFINISHED)


def has_late_job() -> ColumnElement[bool]:
    """Whether a job of this schedule should have begun; a column for a statement that reads some schedules."""
    waiting = exists().where(Job.schedule == cast(Schedule.id, Text), *_waits_too_long())
    return waiting.correlate(Schedule)


def _is_late() -> ColumnElement[bool]:
    """Whether a run should have begun, for a statement that looks at all schedules."""
    waiting = select(Job.schedule).where(Job.schedule.is_not(None), *_waits_too_long()).limit(MOST_LATE).correlate(None)
    return or_(not_fired(), cast(Schedule.id, Text).in_(waiting))


def not_fired() -> ColumnElement[bool]:
    """Whether a run should have become a job, and has not."""
    return func.coalesce(Schedule.fire_at < func.now() - LATE, False)


def _waits_too_long() -> tuple[ColumnElement[bool], ...]:
    """Return what holds for a job that should have begun its first attempt."""
    since = func.greatest(Job.run_at, Job.created_at)
    not_begun = (Job.attempt == 0, Job.first_started_at.is_(None))
    return (Job.tier == Tier.UNFINISHED, Job.state.in_(WAITING), *not_begun, since < func.now() - LATE)


def is_in(trouble: Trouble | None) -> ColumnElement[bool]:
    """Whether this is the worst that is wrong with a schedule; None: nothing is."""
    signs = {
        Trouble.FAILING: is_failing(),
        Trouble.LATE: _is_late(),
        Trouble.PAUSED: and_(Schedule.enabled.is_(False), Schedule.deleted_at.is_(None)),
    }
    worse = takewhile(lambda one: one is not trouble, Trouble)
    return and_(*([signs[trouble]] if trouble else []), *(not_(signs[one]) for one in worse))


def trouble_of(schedule: Schedule, failures: int, late: bool) -> Trouble | None:
    """Return the worst that is wrong with a schedule; None where nothing is, or it was deleted."""
    if schedule.deleted_at is not None:
        return None
    if failures or schedule.disabled_reason is not None:
        return Trouble.FAILING
    if late:
        return Trouble.LATE
    return None if schedule.enabled else Trouble.PAUSED
