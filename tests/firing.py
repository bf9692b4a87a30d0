"""Schedules for tests, fired with the moment given to the scheduler."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import update

from bellhop_ledger.ledger.tables import Job, State
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.schedules import Schedule, ScheduleChange, ScheduleRun, edit
from bellhop_scheduler import firing
from bellhop_web.schedules.requests import NewSchedule, wanted
from tests.tasks import signatures  # noqa: F401  so that the registry knows test.listed

NOON = datetime(2030, 1, 31, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def scheduled(**fields: Any) -> UUID:
    """Make a schedule of every minute whose next run is at noon."""
    values = {"name": "every minute", "task": "test.listed", "args": {"what": "fired"}, "time_zone": "UTC"}
    timing = {} if fields.keys() & {"interval_seconds", "once_at"} else {"crontab": "* * * * *"}
    with transaction() as db:
        made = edit.create(db, wanted(NewSchedule(**{**values, **timing, **fields})), by="test")
    plan_from(made.id, NOON - timedelta(seconds=1))
    return made.id


def plan_from(id: UUID, moment: datetime) -> None:
    """Make its next run the first one after a moment."""
    with transaction() as db:
        edit.locked(db, id).plan_from(moment)


def fire(now: datetime) -> list[datetime]:
    """Fire what is due then; gives the due moments of the jobs that were made."""
    with transaction() as db:
        jobs = firing.fire_due(db, 100, now=now).jobs
    return [job.due_at for job in jobs if job.due_at]


def row(id: UUID) -> Schedule:
    """Look at a schedule."""
    with transaction() as db:
        return edit.find(db, id)


def runs(id: UUID) -> list[tuple[str, datetime]]:
    """What the history says, the earliest first."""
    with transaction() as db:
        found = db.query(ScheduleRun).filter_by(schedule_id=id).order_by(ScheduleRun.due_at)
        return [(run.outcome, run.due_at) for run in found]


def finish_all() -> None:
    """Let every job succeed."""
    with transaction() as db:
        db.execute(update(Job).values(state=State.SUCCEEDED, finished_at=NOON, started_at=NOON))


def release() -> list[datetime | None]:
    """Make the runs that waited; gives their due moments."""
    with transaction() as db:
        return [job.due_at for job in firing.release_waiting(db, 100)]


def changes(id: UUID) -> list[tuple[str, str]]:
    """Return what was done to a schedule and by whom, the first of it first."""
    with transaction() as db:
        found = db.query(ScheduleChange).filter_by(schedule_id=id).order_by(ScheduleChange.id)
        return [(change.action, change.changed_by) for change in found]
