"""Recheck: after an upgrade, do the stored schedules still fit their tasks? Asked when a scheduler begins to lead."""

from uuid import UUID

from sqlalchemy import or_, select, tuple_
from sqlalchemy.orm import Session

from bellhop.log import get_logger
from bellhop.schedules import Schedule
from bellhop.schedules.check import fingerprint, why_unfit
from bellhop.schedules.edit import change
from bellhop.signatures import registry

log = get_logger(__name__)

SCHEDULER = "scheduler"
"""Who makes these changes."""
FIRST = UUID(int=0)


def recheck(db: Session, after: UUID, most: int) -> UUID | None:
    """Look at some of the schedules whose task has changed since they were checked, and at all disabled ones.

    One that does not fit is disabled with the reason, and one that does again is enabled. Gives
    the last one that was looked at, or nothing when there are no more.
    """
    known = [(task, fingerprint(task)) for task in registry]
    changed = tuple_(Schedule.task, Schedule.fingerprint).not_in(known)
    wanted = select(Schedule).where(Schedule.deleted_at.is_(None), or_(changed, Schedule.disabled_reason.is_not(None)))
    rows = list(db.scalars(wanted.where(Schedule.id > after).order_by(Schedule.id).limit(most).with_for_update()))
    for schedule in rows:
        _check(db, schedule)
    return rows[-1].id if rows else None


def _check(db: Session, schedule: Schedule) -> None:
    reason = why_unfit(schedule.task, schedule.args)
    action = "disabled" if reason else "enabled"
    before = schedule.disabled_reason
    if reason is not None and before is None:
        log.error("schedule_disabled", schedule=schedule.name, task=schedule.task, reason=reason)
    if reason is None:
        schedule.fingerprint = fingerprint(schedule.task)
    change(db, schedule, {"disabled_reason": reason}, by=SCHEDULER, action=action, expect_run=False)
