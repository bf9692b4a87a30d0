"""Declared: the schedules that the tasks' code names become rows, and those that it drops go out of service."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bellhop.errors import Refused
from bellhop.manifest import Manifest
from bellhop_ledger.platform.settings import Settings
from bellhop_ledger.platform.zones import find_zone
from bellhop_ledger.schedules.check import under
from bellhop_ledger.schedules.edit import change, delete, revive, write_new
from bellhop_ledger.schedules.recurrence import Crontab
from bellhop_ledger.schedules.recurrence.plain import EPOCH
from bellhop_ledger.schedules.tables import Schedule, Source
from bellhop_ledger.tasks.task import Task

CODE = "code"
"""Who makes these changes."""
DECLARING = text("SELECT pg_advisory_xact_lock(hashtext('bellhop:declared schedules'))")
Key = tuple[str, str]
"""A task and the key of one of its schedules; the key of one alone is empty."""


class BadDeclaration(ValueError):
    """A schedule that is declared with a task cannot be; the message names both and the reason."""


def declare_all(db: Session, manifests: Sequence[Manifest]) -> None:
    """Make the declared schedules what these tasks say; what people have paused stays so. Raises BadDeclaration."""
    db.execute(DECLARING)
    latest = select(Schedule).where(Schedule.source == Source.CODE).order_by(Schedule.created_at)
    stored = {(schedule.task, schedule.key or ""): schedule for schedule in db.scalars(latest)}
    declared = {(one.name, key): (one, rule) for one in manifests for key, rule in one.schedules.items()}
    kept = {key: _stored(stored, declared, key) for key in declared}
    for key, (manifest, rule) in declared.items():
        _declare(db, manifest, key[1], rule, kept[key])
    for schedule in stored.values():
        if schedule.deleted_at is None and schedule not in kept.values():
            delete(db, schedule, by=CODE)


def _stored(stored: Mapping[Key, Schedule], declared: Mapping[Key, Any], wanted: Key) -> Schedule | None:
    """Return the row of a declared schedule.

    The first that gets a key, where the task had one schedule without, goes on as that one, with its history.
    """
    if wanted in stored:
        return stored[wanted]
    task, alone = wanted[0], stored.get((wanted[0], ""))
    keys = [key for one, key in declared if one == task]
    heir = alone is not None and "" not in keys and wanted[1] == keys[0] and alone.deleted_at is None
    return alone if heir else None


def _declare(db: Session, manifest: Manifest, key: str, rule: Mapping[str, Any], stored: Schedule | None) -> None:
    values = columns_of(manifest, key, rule)
    name = f"{manifest.name} {key}".strip()
    if stored is None:
        made = Schedule(source=Source.CODE, key=key, fingerprint=manifest.fingerprint)
        write_new(db, made, {"name": _free_name(db, name)} | values | {"enabled": True, "note": ""}, by=CODE)
        return
    if stored.deleted_at is not None:
        revive(db, stored, _free_name(db, name), by=CODE)
    change(db, stored, values | {"disabled_reason": None}, by=CODE)
    stored.key, stored.fingerprint = key, manifest.fingerprint


def columns_of(manifest: Manifest, key: str, rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the row of a declared schedule says. Raises BadDeclaration."""
    try:
        zone = rule.get("zone") or Settings.load().time_zone
        if rule.get("crontab"):
            Crontab.parse(rule["crontab"], find_zone(zone))
        args = Task.of(manifest, "").checked(dict(rule["args"]))
    except Refused as error:
        faults = under(error).faults
        reason = "; ".join(f"{one.field}: {one.message}" if one.field else one.message for one in faults)
        raise BadDeclaration(f"{manifest.name}: the schedule {key!r} that it declares: {reason}") from error
    return {
        "task": manifest.name,
        "args": args,
        "crontab": rule.get("crontab"),
        "interval_seconds": rule.get("seconds"),
        "anchor": None if rule.get("crontab") else EPOCH,
        "once_at": None,
        "time_zone": zone,
        "starts_at": None,
        "ends_at": None,
        "jitter_seconds": rule["jitter_seconds"],
        "catch_up": rule["catch_up"],
        "grace_seconds": rule["grace_seconds"],
        "ceiling": rule["ceiling"],
        "overlap": rule["overlap"],
        "priority": manifest.policy.priority,
    }


def _free_name(db: Session, name: str) -> str:
    """Return the name, or one beside it when people have a schedule of that name already."""
    taken = select(Schedule.id).where(Schedule.name == name, Schedule.deleted_at.is_(None))
    return f"{name} (code)" if db.scalar(taken) else name
