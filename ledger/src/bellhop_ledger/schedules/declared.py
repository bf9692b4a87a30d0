"""Declared: the schedules that the code's signatures name become rows, and those that it drops go out of service."""

from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bellhop.policy import Cron
from bellhop.signature import Signature, registry
from bellhop_ledger.platform.settings import Settings
from bellhop_ledger.platform.zones import find_zone
from bellhop_ledger.schedules.check import fingerprint
from bellhop_ledger.schedules.edit import change, delete, revive, write_new
from bellhop_ledger.schedules.recurrence import Crontab
from bellhop_ledger.schedules.recurrence.plain import EPOCH
from bellhop_ledger.schedules.tables import Schedule, Source

CODE = "code"
"""Who makes these changes."""
DECLARING = text("SELECT pg_advisory_xact_lock(hashtext('bellhop:declared schedules'))")


def declare_all(db: Session) -> None:
    """Make the declared schedules what the code says; what people have paused stays so."""
    db.execute(DECLARING)
    latest = select(Schedule).where(Schedule.source == Source.CODE).order_by(Schedule.created_at)
    stored = {schedule.task: schedule for schedule in db.scalars(latest)}
    declared = {task: signature for task, signature in registry.items() if signature.every}
    for task, signature in declared.items():
        _declare(db, signature, stored.get(task))
    for task in stored.keys() - declared.keys():
        if stored[task].deleted_at is None:
            delete(db, stored[task], by=CODE)


def _declare(db: Session, signature: Signature[..., Any], stored: Schedule | None) -> None:
    values = _columns(signature)
    if stored is None:
        name = {"name": _free_name(db, signature.name)}
        made = Schedule(source=Source.CODE, fingerprint=fingerprint(signature.name))
        write_new(db, made, name | values | {"enabled": True, "note": ""}, by=CODE)
        return
    if stored.deleted_at is not None:
        revive(db, stored, _free_name(db, signature.name), by=CODE)
    change(db, stored, values | {"disabled_reason": None}, by=CODE)


def _columns(signature: Signature[..., Any]) -> dict[str, Any]:
    every = signature.every
    assert every is not None
    by_crontab = isinstance(every, Cron)
    return {
        "task": signature.name,
        "args": {},
        "crontab": _crontab(every) if isinstance(every, Cron) else None,
        "interval_seconds": None if isinstance(every, Cron) else every.seconds,
        "anchor": None if by_crontab else EPOCH,
        "once_at": None,
        "time_zone": (every.zone if isinstance(every, Cron) else None) or Settings.load().time_zone,
        "starts_at": None,
        "ends_at": None,
        "jitter_seconds": every.jitter_seconds,
        "catch_up": every.catch_up,
        "grace_seconds": every.grace_seconds,
        "ceiling": every.ceiling,
        "overlap": every.overlap,
        "priority": signature.priority,
    }


def _crontab(cron: Cron) -> str:
    Crontab.parse(cron.crontab, find_zone(cron.zone or "UTC"))
    return cron.crontab


def _free_name(db: Session, name: str) -> str:
    """Give the task's name, or one beside it when people have a schedule of that name already."""
    taken = select(Schedule.id).where(Schedule.name == name, Schedule.deleted_at.is_(None))
    return f"{name} (code)" if db.scalar(taken) else name
