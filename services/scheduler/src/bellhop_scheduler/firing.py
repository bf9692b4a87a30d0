"""Firing: due runs of schedules become jobs. Each batch is one transaction; its messages are sent after the commit."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from bellhop_ledger.broker.pubsub import announce_changed
from bellhop_ledger.ledger.submit import MADE, NewJob, submit_runs
from bellhop_ledger.platform.database import after_commit, uuid7
from bellhop_ledger.platform.statements import run
from bellhop_ledger.schedules import waiting
from bellhop_ledger.schedules.check import fingerprint
from bellhop_ledger.schedules.history import trim_changes, trim_runs
from bellhop_ledger.tasks.known import known_tasks
from bellhop_scheduler.decide import Decision, decide, job_of
from bellhop_scheduler.readings import lateness

TRIMMED_EACH = 50
"""After how many more runs of a schedule than are kept the surplus is deleted."""

BUSY = """
    EXISTS (SELECT FROM unfinished_jobs j
            WHERE j.schedule = s.id::text AND j.state IN ('blocked','scheduled','queued','running'))
"""
WAITING = "(SELECT count(*) FROM schedule_runs r WHERE r.schedule_id = s.id AND r.outcome = 'waiting')"

DUE = text(f"""
    SELECT s.id, s.task, s.args, s.fingerprint, s.crontab, s.interval_seconds, s.anchor, s.once_at, s.time_zone,
           s.starts_at, s.ends_at, s.jitter_seconds, s.catch_up, s.grace_seconds, s.ceiling, s.overlap, s.priority,
           s.overrides, s.submitter, s.next_due_at, s.fire_at, s.runs,
           coalesce(CAST(:now AS timestamptz), now()) AS moment,
           s.overlap <> 'allow' AND {BUSY} AS busy,
           CASE WHEN s.overlap = 'queue' THEN {WAITING} ELSE 0 END AS waiting
    FROM schedules s
    WHERE s.fire_at <= coalesce(CAST(:now AS timestamptz), now())
      AND (CAST(:only AS uuid) IS NULL OR s.id = CAST(:only AS uuid))
    ORDER BY s.fire_at LIMIT :most
    FOR NO KEY UPDATE OF s SKIP LOCKED
""")

# One statement does all that is to be done for each due run: it is planned, sent and waited for once.
# The planner cannot know how many rows a recordset has; without `ids` it would read the whole table.
FIRE = text(f"""
    WITH claimed AS (
        INSERT INTO schedule_runs AS r (schedule_id, due_at, outcome, job_id)
        SELECT schedule, due_at, 'fired', id
        FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS new(id uuid, schedule uuid, due_at timestamptz)
        ON CONFLICT (schedule_id, due_at) DO UPDATE
        SET outcome = 'fired', job_id = excluded.job_id, made_at = now(), missed_until = NULL, reason = NULL
        WHERE r.job_id IS NULL
        RETURNING job_id),
    {MADE},
    advanced AS (
        UPDATE schedules s
        SET next_due_at = n.next_due_at, fire_at = n.fire_at, runs = s.runs + n.added, disabled_reason = n.reason,
            fingerprint = n.fingerprint
        FROM jsonb_to_recordset(CAST(:advances AS jsonb)) AS n(
            id uuid, next_due_at timestamptz, fire_at timestamptz, added int, reason text, fingerprint text)
        WHERE s.id = ANY(CAST(:ids AS uuid[])) AND s.id = n.id),
    noted AS (
        INSERT INTO schedule_runs (schedule_id, due_at, outcome, missed_until)
        SELECT schedule_id, due_at, outcome, missed_until
        FROM jsonb_to_recordset(CAST(:notes AS jsonb)) AS n(
            schedule_id uuid, due_at timestamptz, outcome text, missed_until timestamptz)
        ON CONFLICT DO NOTHING)
    SELECT id, state FROM made
""")

NOTE_DISABLED = text("""
    INSERT INTO schedule_changes (id, schedule_id, changed_by, action, changes)
    SELECT id, schedule_id, 'scheduler', 'disabled',
           jsonb_build_object('disabled_reason', jsonb_build_array(NULL, reason))
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS n(id uuid, schedule_id uuid, reason text)
""")

RELEASABLE = text(f"""
    SELECT s.id, s.task, s.args, s.priority, s.overrides, s.submitter, w.due_at
    FROM schedules s, LATERAL (SELECT r.due_at FROM schedule_runs r WHERE r.schedule_id = s.id
                               AND r.outcome = 'waiting' ORDER BY r.due_at LIMIT 1) AS w
    WHERE s.id IN (SELECT schedule_id FROM schedule_runs WHERE outcome = 'waiting')
      AND s.enabled AND s.disabled_reason IS NULL AND s.deleted_at IS NULL AND NOT {BUSY}
    LIMIT :most FOR NO KEY UPDATE OF s SKIP LOCKED
""")

RELEASE = text(f"""
    WITH claimed AS (
        UPDATE schedule_runs r SET outcome = 'fired', job_id = new.id, made_at = now()
        FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS new(id uuid, schedule uuid, due_at timestamptz)
        WHERE r.outcome = 'waiting' AND r.schedule_id = new.schedule AND r.due_at = new.due_at
        RETURNING r.job_id),
    {MADE}
    SELECT id, state FROM made
""")

SET_ASIDE = text("""
    UPDATE schedules SET next_due_at = NULL, fire_at = NULL, disabled_reason = :reason WHERE id = :id
""")
DUE_IDS = text("SELECT id FROM schedules WHERE fire_at <= now() ORDER BY fire_at LIMIT :most")


@dataclass(frozen=True)
class Fired:
    """What came of one batch."""

    due: int
    """How many schedules were due."""
    jobs: list[NewJob]
    """Those that were made and that nothing holds; a run that exists already is not made twice."""
    disabled: list[Decision]


def fire_due(db: Session, most: int, *, now: datetime | None = None, only: UUID | None = None) -> Fired:
    """Make jobs of the runs that are due and plan the next ones. The clock is the database's unless one is given."""
    rows = run(db, DUE, most=most, now=now, only=str(only) if only else None)
    decisions = [decide(row) for row in rows]
    jobs = _write(db, decisions) if decisions else []
    after_commit(db, lateness, [(row.moment - row.fire_at).total_seconds() for row in rows])
    return Fired(len(rows), jobs, [one for one in decisions if one.reason is not None])


def _write(db: Session, decisions: Sequence[Decision]) -> list[NewJob]:
    advances = [_advance(one) for one in decisions]
    ids = [advance["id"] for advance in advances]
    notes = json.dumps([note for one in decisions for note in one.notes])
    new = [job for one in decisions for job in one.jobs]
    jobs = submit_runs(db, new, FIRE, ids=ids, advances=json.dumps(advances), notes=notes)
    if disabled := [one for one in decisions if one.reason is not None]:
        _note_disabled(db, [(one.row.id, one.reason) for one in disabled])
    if full := [one.row.id for one in decisions if one.row.runs % TRIMMED_EACH + one.added >= TRIMMED_EACH]:
        trim_runs(db, full)
    after_commit(db, announce_changed, ["schedules", *(f"schedule:{id}" for id in ids)])
    return jobs


def _advance(one: Decision) -> dict[str, Any]:
    return {
        "id": str(one.row.id),
        "next_due_at": one.next_due and one.next_due.isoformat(),
        "fire_at": one.fire_at and one.fire_at.isoformat(),
        "added": one.added,
        "reason": one.reason,
        "fingerprint": fingerprint(one.row.task),
    }


def _note_disabled(db: Session, disabled: Sequence[tuple[UUID, str | None]]) -> None:
    rows = [{"id": str(uuid7()), "schedule_id": str(id), "reason": reason} for id, reason in disabled]
    run(db, NOTE_DISABLED, rows=json.dumps(rows))
    trim_changes(db, [id for id, _ in disabled])


def release_waiting(db: Session, most: int, *, now: datetime | None = None) -> list[NewJob]:
    """Make jobs of the runs that waited for the end of an earlier one, one a schedule; skip those that wait in vain."""
    if skipped := waiting.skip_all(db, now=now):
        after_commit(db, announce_changed, ["schedules", *(f"schedule:{id}" for id in skipped)])
    rows = run(db, RELEASABLE, most=most)
    known = known_tasks()
    new = [job_of(row, row.due_at) for row in rows if row.task in known]
    return submit_runs(db, new, RELEASE) if new else []


def due_ids(db: Session, most: int) -> list[UUID]:
    """Return the ids of the schedules that are due."""
    return list(db.execute(DUE_IDS, {"most": most}).scalars())


def set_aside(db: Session, id: UUID, reason: str) -> None:
    """Disable a schedule that cannot be fired, so that the others can."""
    db.execute(SET_ASIDE, {"id": id, "reason": reason})
    _note_disabled(db, [(id, reason)])
