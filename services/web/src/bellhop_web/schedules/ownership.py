"""Ownership: which schedules are whose. A service token sees and manages those that its patterns name.

What it makes them run it must be allowed to submit: otherwise a schedule would be a way around its patterns, or to the
arguments of somebody else's.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, false, or_, true
from sqlalchemy.orm import Session

from bellhop_ledger.accounts.patterns import any_fits, like
from bellhop_ledger.schedules import Schedule, edit
from bellhop_ledger.tasks.known import known_tasks
from bellhop_web.auth.callers import Caller, current_caller
from bellhop_web.auth.refusals import NotItsSchedule


def whose(caller: Caller | None) -> ColumnElement[bool]:
    """Return what holds for the schedules that somebody sees, for statements that read schedules."""
    if caller is None or caller.service is None:
        return true()
    return or_(false(), *(Schedule.name.like(like(pattern), escape="\\") for pattern in caller.service.schedules))


def find_for_caller(db: Session, id: UUID, *, deleted: bool = True) -> Schedule:
    """Return a schedule, also a deleted one. Raises NoSuchSchedule, also for one that the caller must not see."""
    return _seen(edit.find(db, id, deleted=deleted))


def locked_for_caller(db: Session, id: UUID, *, version: int | None = None) -> Schedule:
    """Return a schedule to change it.

    Raises NoSuchSchedule, also for one that the caller must not see, and ChangedSince.
    """
    _seen(edit.find(db, id))
    return _seen(edit.locked(db, id, version=version))


def _seen(schedule: Schedule) -> Schedule:
    grant = current_caller().service
    if grant and not any_fits(grant.schedules, schedule.name):
        raise edit.NoSuchSchedule
    return schedule


def require_allowed(values: Mapping[str, Any], *place: str) -> None:
    """Raise NotItsSchedule or NotItsTask where the caller may not store a schedule with these columns."""
    caller = current_caller()
    if caller.service and not any_fits(caller.service.schedules, values["name"]):
        raise NotItsSchedule(values["name"], caller.service.schedules, place)
    require_submittable(values["task"], values["overrides"], *place)


def require_runnable(schedule: Schedule) -> None:
    """Raise NotItsTask where the caller may not submit what a schedule runs."""
    require_submittable(schedule.task, schedule.overrides)


def require_submittable(task: str, overrides: Mapping[str, Any] | None, *place: str) -> None:
    """Raise NotItsTask where the caller may not submit a task, or not to the queue in which its jobs wait."""
    caller = current_caller()
    if caller.service is None:
        return
    caller.require_task(task, *place)
    known = known_tasks().get(task)
    queue = (overrides or {}).get("queue") or (known.queue if known else "")
    caller.require_queue(queue, *place)
