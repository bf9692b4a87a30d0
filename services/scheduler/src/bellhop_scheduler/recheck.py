"""Recheck: after an upgrade, do the stored schedules still fit their tasks, and their plans the rules of their zones?

Asked when a scheduler begins to lead.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.orm import Session

from bellhop.errors import Refused
from bellhop_ledger.platform.database import after_commit
from bellhop_ledger.platform.log import get_logger
from bellhop_ledger.schedules import Schedule, edit
from bellhop_ledger.schedules.check import fingerprint, why_unfit
from bellhop_ledger.tasks.known import known_tasks

log = get_logger(__name__)

SCHEDULER = "scheduler"
"""Who makes these changes."""
FIRST = UUID(int=0)


def recheck(db: Session, after: UUID, most: int) -> UUID | None:
    """Look at some of the schedules whose task has changed since they were checked, and at all disabled ones.

    One that does not fit is disabled with the reason, and one that does again is enabled. Gives
    the last one that was looked at, or nothing when there are no more.
    """
    known = [(name, task.fingerprint) for name, task in known_tasks().items()]
    changed = tuple_(Schedule.task, Schedule.fingerprint).not_in(known)
    wanted = select(Schedule).where(Schedule.deleted_at.is_(None), or_(changed, Schedule.disabled_reason.is_not(None)))
    rows = list(db.scalars(wanted.where(Schedule.id > after).order_by(Schedule.id).limit(most).with_for_update()))
    for schedule in rows:
        _check(db, schedule)
    return rows[-1].id if rows else None


def renew_plans(db: Session, after: UUID, most: int) -> UUID | None:
    """Look at some of the planned runs of crontabs, and move those that the rules of their zones have moved.

    Returns the last schedule that was looked at, or nothing when there are no more.
    """
    planned = select(Schedule).where(Schedule.crontab.is_not(None), Schedule.fire_at > func.now(), Schedule.id > after)
    rows = list(db.scalars(planned.order_by(Schedule.id).limit(most)))
    for schedule in rows:
        if _has_moved(schedule):
            db.refresh(schedule, with_for_update=True)
            before = schedule.next_due_at
            if edit.renew(db, schedule, by=SCHEDULER):
                replanned = {"schedule": schedule.name, "planned": before, "now": schedule.next_due_at}
                after_commit(db, log_replanned, [replanned])
    return rows[-1].id if rows else None


def _has_moved(schedule: Schedule) -> bool:
    try:
        return schedule.next_due_at is not None and schedule.timing.in_place_of(schedule.next_due_at) != (
            schedule.next_due_at
        )
    except Refused:  # the zone is gone: the schedule is disabled with the reason when it is due
        return False


def log_replanned(changes: list[dict[str, Any]]) -> None:
    """Log which planned runs were moved, once that is committed."""
    for facts in changes:
        log.warning("schedule_replanned", **facts)


def log_disabled(changes: list[dict[str, Any]]) -> None:
    """Log which schedules were disabled, once that is committed."""
    for facts in changes:
        log.error("schedule_disabled", **facts)


def _check(db: Session, schedule: Schedule) -> None:
    reason = why_unfit(schedule.task, schedule.args)
    action = "disabled" if reason else "enabled"
    before = schedule.disabled_reason
    if reason is not None and before is None:
        after_commit(db, log_disabled, [{"schedule": schedule.name, "task": schedule.task, "reason": reason}])
    if reason is None:
        schedule.fingerprint = fingerprint(schedule.task)
    edit.change(db, schedule, {"disabled_reason": reason}, by=SCHEDULER, action=action, expect_run=False)
