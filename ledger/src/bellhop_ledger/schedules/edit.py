"""Edits: every change of a schedule, written down with who made it; the sleeping scheduler is woken."""

from collections.abc import Mapping, Set
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg2
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bellhop.errors import Conflict, Fault, NotFound
from bellhop_ledger.broker.pubsub import announce_changed
from bellhop_ledger.ledger.due import wake_scheduler
from bellhop_ledger.platform.database import after_commit, uuid7
from bellhop_ledger.platform.jsontext import as_json
from bellhop_ledger.platform.secrets import masked
from bellhop_ledger.schedules.check import RULES, NoRunLeft, fingerprint
from bellhop_ledger.schedules.history import trim_changes
from bellhop_ledger.schedules.tables import Schedule, ScheduleChange, Source
from bellhop_ledger.schedules.waiting import skip_waiting, why_none_waits

TIMING = frozenset(
    {"crontab", "interval_seconds", "anchor", "once_at", "time_zone", "starts_at", "ends_at", "jitter_seconds"}
    | {"enabled", "disabled_reason"}
)
"""Fields that decide when the next run is."""
RUNS = frozenset({"task", "args", "overrides"})
"""Fields that decide what it runs."""
NAME_KEY = "schedules_name_key"
"""The unique index that lets a name be given once."""


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
    """Return the database's time: that of this transaction."""
    moment: datetime = db.scalars(select(func.now())).one()
    return moment


def find(db: Session, id: UUID, *, deleted: bool = False) -> Schedule:
    """Return a schedule; one that was deleted only on request. Raises NoSuchSchedule."""
    found = db.get(Schedule, id)
    if found is None or (found.deleted_at and not deleted):
        raise NoSuchSchedule
    return found


def locked(db: Session, id: UUID, *, version: int | None = None) -> Schedule:
    """Return a schedule to change it: others wait. Raises NoSuchSchedule, and ChangedSince if it is another version."""
    found = db.get(Schedule, id, with_for_update=True, populate_existing=True)
    if found is None or found.deleted_at:
        raise NoSuchSchedule
    if version is not None and version != found.version:
        raise ChangedSince(version=found.version)
    return found


class Edits:
    """Edits of schedules that one person makes together: what they have in common is written with one statement each.

    Nothing is written before write(), and no lock is held for longer than the rows that are: others may create and
    change their schedules while thousands are imported.
    """

    def __init__(self, db: Session, by: str):
        self._db, self._by, self._moment = db, by, now(db)
        self._changes: list[ScheduleChange] = []
        self._none_waits: dict[UUID, str] = {}

    def create(self, made: Schedule, values: Mapping[str, Any]) -> None:
        """Fill in a new row, and plan its first run."""
        made.id = uuid7()
        made.created_by = made.updated_by = self._by
        made.submitter = submitter_of(self._by)
        for field, value in values.items():
            setattr(made, field, value)
        made.disabled_reason = made.deleted_at = None
        made.plan_from(self._moment)
        self._db.add(made)
        self.note(made, "created", {field: [None, value] for field, value in values.items()})

    def change(self, schedule: Schedule, values: Mapping[str, Any], action: str = "changed") -> dict[str, Any]:
        """Change what differs and return it: by field what it was and what it is.

        The next run moves only if what decides it has changed; the rules of its time zone decide it, too.
        """
        changes = {f: [getattr(schedule, f), value] for f, value in values.items() if getattr(schedule, f) != value}
        if changes:
            self._apply(schedule, changes)
            self.note(schedule, action, changes)
        planned = schedule.next_due_at
        if not schedule.renew_plan(self._moment):
            return changes
        moved = {"next_due_at": [planned, schedule.next_due_at]}
        self.note(schedule, "replanned", moved)
        return changes | moved

    def _apply(self, schedule: Schedule, changes: Mapping[str, Any]) -> None:
        for field, (_, value) in changes.items():
            setattr(schedule, field, value)
        if schedule.enabled:
            schedule.pause_reason = schedule.paused_by = schedule.resume_at = None
        self._end_waits(schedule, changes.keys())
        schedule.version += 1
        schedule.updated_at, schedule.updated_by = self._moment, self._by
        if RUNS & changes.keys():
            schedule.submitter = submitter_of(self._by)
        if {"task", "args"} & changes.keys():
            schedule.fingerprint, schedule.disabled_reason = fingerprint(schedule.task), None
        if TIMING & changes.keys() or (schedule.active and schedule.fire_at is None):
            schedule.plan_from(self._moment)

    def delete(self, schedule: Schedule) -> None:
        """Take a schedule out of service; its history stays for as long as that of jobs."""
        schedule.deleted_at, schedule.next_due_at, schedule.fire_at = self._moment, None, None
        schedule.resume_at = None
        schedule.updated_at, schedule.updated_by = self._moment, self._by
        self._end_waits(schedule, {"deleted_at"})
        self.note(schedule, "deleted", {})

    def note(self, schedule: Schedule, action: str, changes: Mapping[str, Any]) -> None:
        """Write down what was done to a schedule."""
        facts = masked(as_json(changes))
        made = ScheduleChange(schedule_id=schedule.id, changed_by=self._by, action=action, changes=facts)
        self._changes.append(made)

    def _end_waits(self, schedule: Schedule, changed: Set[str]) -> None:
        if reason := why_none_waits(schedule, changed):
            self._none_waits[schedule.id] = reason

    def write(self) -> None:
        """Write everything, and wake the scheduler. Raises NameTaken where somebody else was faster."""
        if not self._changes:
            return
        self._db.add_all(self._changes)
        try:
            self._db.flush()
        except IntegrityError as error:
            if isinstance(error.orig, psycopg2.Error) and error.orig.diag.constraint_name == NAME_KEY:
                raise NameTaken from None
            raise
        skip_waiting(self._db, self._none_waits)
        trim_changes(self._db, {change.schedule_id for change in self._changes})
        wake_scheduler(self._db)
        topics = {f"schedule:{change.schedule_id}" for change in self._changes}
        after_commit(self._db, announce_changed, ["schedules", *topics])


def submitter_of(by: str) -> str | None:
    """Return whose the jobs are of a schedule that somebody has written: a service token sees no others."""
    return by if by.startswith("service:") else None


def create(db: Session, values: Mapping[str, Any], *, by: str) -> Schedule:
    """Store a schedule. Raises NameTaken, and NoRunLeft for one that would never run."""
    refuse_taken(db, values["name"])
    made = Schedule(source=Source.API, fingerprint=fingerprint(values["task"]))
    write_new(db, made, values, by=by)
    if made.active and made.fire_at is None:
        raise NoRunLeft(dict(values))
    return made


def write_new(db: Session, made: Schedule, values: Mapping[str, Any], *, by: str) -> None:
    """Store a new row, and plan its first run. Raises NameTaken."""
    edits = Edits(db, by)
    edits.create(made, values)
    edits.write()


def revive(db: Session, schedule: Schedule, name: str, *, by: str) -> None:
    """Take a deleted schedule into service again, under a name that is free."""
    edits, moment = Edits(db, by), now(db)
    schedule.name, schedule.deleted_at = name, None
    schedule.plan_from(moment)
    edits.note(schedule, "revived", {})
    edits.write()


def change(
    db: Session,
    schedule: Schedule,
    values: Mapping[str, Any],
    *,
    by: str,
    action: str = "changed",
    expect_run: bool = True,
) -> bool:
    """Change what differs and return whether anything did.

    Raises NameTaken, and NoRunLeft where a change of its times leaves no run, unless that is fine.
    """
    if "name" in values and values["name"] != schedule.name:
        refuse_taken(db, values["name"])
    edits = Edits(db, by)
    changes = edits.change(schedule, values, action)
    if expect_run and (TIMING - {"enabled"}) & changes.keys() and schedule.active and schedule.fire_at is None:
        raise NoRunLeft({name: getattr(schedule, name) for name in RULES})
    edits.write()
    return bool(changes)


def renew(db: Session, schedule: Schedule, *, by: str) -> bool:
    """Move the next run where the rules of its time zone have moved it, and return whether they have.

    A run that was planned with an older time zone database would else be an hour early or late.
    """
    return change(db, schedule, {}, by=by)


def delete(db: Session, schedule: Schedule, *, by: str) -> None:
    """Take a schedule out of service; its history stays for as long as that of jobs."""
    edits = Edits(db, by)
    edits.delete(schedule)
    edits.write()


def refuse_declared(schedule: Schedule) -> None:
    """Raise DeclaredInCode for a schedule that is the code's."""
    if schedule.source == Source.CODE:
        raise DeclaredInCode


def refuse_taken(db: Session, name: str) -> None:
    """Raise NameTaken. Who takes the name in the same moment is refused by the unique index, see Edits.write()."""
    if db.scalar(select(Schedule.id).where(Schedule.name == name, Schedule.deleted_at.is_(None))):
        raise NameTaken
