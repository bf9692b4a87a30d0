"""Pausing: people stop a schedule, say why and perhaps until when, and start it again."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bellhop_ledger.schedules import edit
from bellhop_ledger.schedules.check import refuse_unfit
from bellhop_ledger.schedules.tables import Schedule

BELLHOP = "code"
"""Who does what nobody does by hand, in the history of changes."""


def pause(db: Session, schedule: Schedule, *, reason: str, until: datetime | None, by: str) -> None:
    """Pause a schedule, until a date or until it is resumed; one that is paused gets the new reason and date."""
    values = {"enabled": False, "pause_reason": reason, "paused_by": by, "resume_at": until}
    edit.change(db, schedule, values, by=by, action="paused")


def resume(db: Session, schedule: Schedule, *, by: str) -> None:
    """Resume a schedule that was paused or disabled, from the next run on. Raises Unfit."""
    refuse_unfit(schedule)
    edit.change(db, schedule, {"enabled": True, "disabled_reason": None}, by=by, action="resumed")


def resume_due(db: Session, most: int) -> list[UUID]:
    """Resume the schedules that are paused until now, at most so many, and return their ids.

    One that no longer fits its task stays disabled, with that reason.
    """
    due = select(Schedule).where(Schedule.resume_at <= func.now(), Schedule.deleted_at.is_(None))
    found = db.scalars(due.order_by(Schedule.resume_at).limit(most).with_for_update(skip_locked=True)).all()
    for schedule in found:
        edit.change(db, schedule, {"enabled": True, "resume_at": None}, by=BELLHOP, action="resumed")
    return [schedule.id for schedule in found]
