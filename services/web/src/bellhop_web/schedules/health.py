"""Health: whether the runs of a schedule succeed, whatever its state is."""

from datetime import datetime

from sqlalchemy import ColumnElement, Select, Text, case, cast, func, or_, select

from bellhop_ledger.ledger.tables import Job, State
from bellhop_ledger.schedules import Schedule, ScheduleRun

MOST_FAILURES = 20
"""So many runs that failed in a row are counted at most."""


def _ended_runs(most: int) -> Select[State, datetime]:
    """Select how the newest ended runs of a schedule ended; a cancelled one says nothing about its health."""
    state = func.coalesce(Job.state, ScheduleRun.state)
    ended = select(state.label("state"), ScheduleRun.due_at).outerjoin(Job, Job.id == ScheduleRun.job_id)
    ended = ended.where(ScheduleRun.schedule_id == Schedule.id, state.in_([State.SUCCEEDED, State.FAILED]))
    return ended.order_by(ScheduleRun.due_at.desc()).limit(most).correlate(Schedule)


def failures() -> ColumnElement[int]:
    """Count the runs that have failed since the last one that succeeded."""
    ended = _ended_runs(MOST_FAILURES).subquery()
    succeeded = func.sum(case((ended.c.state == State.SUCCEEDED, 1), else_=0))
    since = select(succeeded.over(order_by=ended.c.due_at.desc()).label("succeeded")).subquery()
    return select(func.count()).where(since.c.succeeded == 0).scalar_subquery()


def in_trouble() -> ColumnElement[bool]:
    """Whether the last run that ended has failed, or the schedule cannot run.

    The runs of those only are looked at of which any has failed: for 10,000 schedules it takes a quarter of the time.
    """
    failed_jobs = select(Job.schedule).where(Job.state == State.FAILED, Job.schedule.is_not(None))
    failed_runs = select(ScheduleRun.schedule_id).where(ScheduleRun.state == State.FAILED)
    perhaps = or_(cast(Schedule.id, Text).in_(failed_jobs), Schedule.id.in_(failed_runs))
    last = _ended_runs(1).subquery()
    failed = select(last.c.state == State.FAILED).scalar_subquery()
    return case((Schedule.disabled_reason.is_not(None), True), (perhaps, func.coalesce(failed, False)), else_=False)
