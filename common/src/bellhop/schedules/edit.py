"""Edits: every change of a schedule, written down with who made it; the sleeping scheduler is woken."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from bellhop.database import after_commit
from bellhop.errors import Conflict, Fault, NotFound
from bellhop.jsontext import as_json
from bellhop.ledger.due import wake_scheduler
from bellhop.schedules.check import NoRunLeft, fingerprint
from bellhop.schedules.tables import Schedule, ScheduleChange, Source
from bellhop.schedules.waiting import skip_after_edit
from bellhop.sealing import masked
from bellhop.wakeups import announce_changed

TIMING = frozenset(
    {"crontab", "interval_seconds", "anchor", "once_at", "time_zone", "starts_at", "ends_at", "jitter_seconds"}
    | {"enabled", "disabled_reason"}
)
"""Fields that decide when the next run is."""
NAMES_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('bellhop:schedule names'))")


class NoSuchSchedule(NotFound):
    """There is no schedule with this id."""


class DeclaredInCode(Conflict):
    """This schedule is declared in code: it can be paused, resumed and run, and nothing else."""


class NameTaken(Conflict):
    """There is a schedule with this name."""

    def __init__(self) -> None:
        super().__init__(faults=[Fault("name", "is the name of another schedule")])


class ChangedSince(Conflict):
    """Somebody has changed the schedule since; look at it again."""


def now(db: Session) -> datetime:
    """Give the database's time: that of this transaction."""
    moment: datetime = db.scalars(select(func.now())).one()
    return moment


def find(db: Session, id: UUID, *, deleted: bool = False) -> Schedule:
    """Give a schedule; one that was deleted only on request. Raises NoSuchSchedule."""
    found = db.get(Schedule, id)
    if found is None or (found.deleted_at and not deleted):
        raise NoSuchSchedule
    return found


def locked(db: Session, id: UUID, *, version: int | None = None) -> Schedule:
    """Give a schedule to change it: others wait. Raises NoSuchSchedule, and ChangedSince if it is another version."""
    found = db.get(Schedule, id, with_for_update=True, populate_existing=True)
    if found is None or found.deleted_at:
        raise NoSuchSchedule
    if version is not None and version != found.version:
        raise ChangedSince(version=found.version)
    return found


def create(db: Session, values: Mapping[str, Any], *, by: str, expect_run: bool = True) -> Schedule:
    """Store a schedule. Raises NameTaken, and NoRunLeft for one that would never run, unless that is fine."""
    refuse_taken(db, values["name"])
    made = Schedule(source=Source.API, fingerprint=fingerprint(values["task"]))
    write_new(db, made, values, by=by)
    if expect_run and made.active and made.fire_at is None:
        raise NoRunLeft(dict(values))
    return made


def write_new(db: Session, made: Schedule, values: Mapping[str, Any], *, by: str) -> None:
    """Store a new row whose name is free, and plan its first run."""
    made.created_by = made.updated_by = by
    for field, value in values.items():
        setattr(made, field, value)
    made.disabled_reason = None
    db.add(made)
    db.flush()
    made.plan_from(now(db))
    _written(db, made, by, "created", {field: [None, value] for field, value in values.items()})


def revive(db: Session, schedule: Schedule, name: str, *, by: str) -> None:
    """Take a deleted schedule into service again, under a name that is free."""
    moment = now(db)
    schedule.name, schedule.deleted_at = name, None
    schedule.plan_from(moment)
    _written(db, schedule, by, "revived", {})


def change(
    db: Session,
    schedule: Schedule,
    values: Mapping[str, Any],
    *,
    by: str,
    action: str = "changed",
    expect_run: bool = True,
) -> bool:
    """Change what differs and say whether anything did. The next run moves only if what decides it has changed.

    The rules of its time zone decide it, too. Raises NameTaken, and NoRunLeft where a change of its times leaves no
    run, unless that is fine.
    """
    changes = {f: [getattr(schedule, f), value] for f, value in values.items() if getattr(schedule, f) != value}
    if not changes:
        return renew(db, schedule, by=by)
    if "name" in changes:
        refuse_taken(db, values["name"])
    moment = now(db)  # before anything differs, for a query writes down what does
    for field in changes:
        setattr(schedule, field, values[field])
    skip_after_edit(db, schedule, changes.keys())
    schedule.version += 1
    schedule.updated_at, schedule.updated_by = moment, by
    if {"task", "args"} & changes.keys():
        schedule.fingerprint, schedule.disabled_reason = fingerprint(schedule.task), None
    if TIMING & changes.keys() or (schedule.active and schedule.fire_at is None):
        schedule.plan_from(moment)
        if expect_run and (TIMING - {"enabled"}) & changes.keys() and schedule.active and schedule.fire_at is None:
            raise NoRunLeft({name: getattr(schedule, name) for name in ("crontab", "interval_seconds", "once_at")})
    _written(db, schedule, by, action, changes)
    renew(db, schedule, by=by)
    return True


def renew(db: Session, schedule: Schedule, *, by: str) -> bool:
    """Move the next run where the rules of its time zone have moved it, and return whether they have.

    A run that was planned with an older time zone database would else be an hour early or late.
    """
    planned = schedule.next_due_at
    if not schedule.renew_plan(now(db)):
        return False
    _written(db, schedule, by, "replanned", {"next_due_at": [planned, schedule.next_due_at]})
    return True


def delete(db: Session, schedule: Schedule, *, by: str) -> None:
    """Take a schedule out of service; its history stays for as long as that of jobs."""
    moment = now(db)
    schedule.deleted_at, schedule.next_due_at, schedule.fire_at = moment, None, None
    schedule.updated_at, schedule.updated_by = moment, by
    skip_after_edit(db, schedule, {"deleted_at"})
    _written(db, schedule, by, "deleted", {})


def refuse_declared(schedule: Schedule) -> None:
    """Raise DeclaredInCode for a schedule that is the code's."""
    if schedule.source == Source.CODE:
        raise DeclaredInCode


def refuse_taken(db: Session, name: str) -> None:
    """Raise NameTaken. Until the end of the transaction nobody else gives a schedule its name."""
    db.execute(NAMES_LOCK)
    if db.scalar(select(Schedule.id).where(Schedule.name == name, Schedule.deleted_at.is_(None))):
        raise NameTaken


def _written(db: Session, schedule: Schedule, by: str, action: str, changes: Mapping[str, Any]) -> None:
    db.add(ScheduleChange(schedule_id=schedule.id, changed_by=by, action=action, changes=masked(as_json(changes))))
    db.flush()
    wake_scheduler(db)
    after_commit(db, announce_changed, ["schedules", f"schedule:{schedule.id}"])
