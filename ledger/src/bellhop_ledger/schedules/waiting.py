"""Waiting: runs that wait for the end of an earlier one, and what ends their wait without a job."""

import json
from collections.abc import Mapping, Set
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from bellhop_ledger.platform.database import Database
from bellhop_ledger.platform.statements import run
from bellhop_ledger.schedules.tables import Schedule
from bellhop_ledger.schedules.timing import ON_TIME

DELETED, PAUSED, CHANGED = "The schedule was deleted", "The schedule was paused", "The schedule was changed"
DISABLED, LATE = "The schedule was disabled: ", "It had waited for longer than grace_seconds allows"
WHAT_WAITS = frozenset(
    {"task", "args", "crontab", "interval_seconds", "anchor", "once_at", "time_zone", "starts_at", "ends_at", "overlap"}
)
"""Fields that say what a run is or when it is due: of another one nobody has said that it should wait."""

SKIP = text("""
    UPDATE schedule_runs r SET outcome = 'skipped', reason = n.reason
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS n(id uuid, reason text)
    WHERE r.schedule_id = n.id AND r.outcome = 'waiting'
""")

# Edits end the waits of their schedule at once; this finds those of schedules that were disabled when they were due,
# by a statement that writes for many, and those that are late by now. A jitter is no lateness.
SKIP_ALL = text("""
    UPDATE schedule_runs r SET outcome = 'skipped', reason = CASE
        WHEN s.deleted_at IS NOT NULL THEN :deleted
        WHEN NOT s.enabled THEN :paused
        WHEN s.disabled_reason IS NOT NULL THEN :disabled || s.disabled_reason
        WHEN s.overlap <> 'queue' THEN :changed
        ELSE :late END
    FROM schedules s
    WHERE r.outcome = 'waiting' AND s.id = r.schedule_id
      AND (s.deleted_at IS NOT NULL OR NOT s.enabled OR s.disabled_reason IS NOT NULL OR s.overlap <> 'queue'
           OR s.grace_seconds IS NOT NULL AND r.due_at < coalesce(CAST(:now AS timestamptz), now())
                - make_interval(secs => greatest(s.grace_seconds, :on_time) + s.jitter_seconds))
    RETURNING r.schedule_id
""")
REASONS = {"deleted": DELETED, "paused": PAUSED, "disabled": DISABLED, "changed": CHANGED, "late": LATE}


def skip_waiting(db: Database, reasons: Mapping[UUID, str]) -> None:
    """End the waits of these schedules' runs, each with its reason."""
    if reasons:
        run(db, SKIP, rows=json.dumps([{"id": str(id), "reason": reason} for id, reason in reasons.items()]))


def skip_all(db: Database, *, now: datetime | None = None) -> set[UUID]:
    """End the waits of all runs that no job will be made of, and return their schedules."""
    return {row.schedule_id for row in run(db, SKIP_ALL, now=now, on_time=ON_TIME, **REASONS)}


def why_none_waits(schedule: Schedule, changed: Set[str]) -> str | None:
    """Return why no run of a schedule should wait any longer after this change; None if some should."""
    if schedule.deleted_at is not None:
        return DELETED
    if not schedule.enabled:
        return PAUSED
    if schedule.disabled_reason is not None:
        return DISABLED + schedule.disabled_reason
    return CHANGED if WHAT_WAITS & changed else None
