"""Firing: due runs of schedules become jobs. Each batch is one transaction; its messages are sent after the commit."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from bellhop.clock import uuid7
from bellhop.database import after_commit
from bellhop.errors import Refused
from bellhop.jobs import Job
from bellhop.ledger.submit import NewJob, submit_all
from bellhop.schedules import CatchUp, Outcome, Overlap, Timing
from bellhop.schedules.check import fingerprint, why_unfit
from bellhop.schedules.tables import rule_of
from bellhop.signatures import registry
from bellhop.statements import run
from bellhop.wakeups import announce_changed
from bellhop_scheduler.metrics import lateness
from bellhop_scheduler.plan import plan

KEPT_RUNS, TRIMMED_EACH = 200, 50
"""How many runs of a schedule are kept, and after how many more the surplus is deleted."""

BUSY = """
    EXISTS (SELECT FROM jobs j WHERE j.schedule = s.id::text AND j.state IN ('scheduled','queued','running'))
"""
WAITING = "(SELECT count(*) FROM schedule_runs r WHERE r.schedule_id = s.id AND r.outcome = 'waiting')"

DUE = text(f"""
    SELECT s.id, s.task, s.args, s.fingerprint, s.crontab, s.interval_seconds, s.anchor, s.once_at, s.time_zone,
           s.starts_at, s.ends_at, s.jitter_seconds, s.catch_up, s.grace_seconds, s.ceiling, s.overlap, s.priority,
           s.next_due_at, s.fire_at, s.runs, coalesce(CAST(:now AS timestamptz), now()) AS moment,
           s.overlap <> 'allow' AND {BUSY} AS busy,
           CASE WHEN s.overlap = 'queue' THEN {WAITING} ELSE 0 END AS waiting
    FROM schedules s
    WHERE s.fire_at <= coalesce(CAST(:now AS timestamptz), now())
      AND (CAST(:only AS uuid) IS NULL OR s.id = CAST(:only AS uuid))
    ORDER BY s.fire_at LIMIT :most
    FOR NO KEY UPDATE OF s SKIP LOCKED
""")

# The planner cannot know how many rows a recordset has; `ids` tells it, or it would read the whole table.
ADVANCE = text("""
    UPDATE schedules s
    SET next_due_at = n.next_due_at, fire_at = n.fire_at, runs = s.runs + n.added, disabled_reason = n.reason,
        fingerprint = n.fingerprint
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS n(
        id uuid, next_due_at timestamptz, fire_at timestamptz, added int, reason text, fingerprint text)
    WHERE s.id = ANY(CAST(:ids AS uuid[])) AND s.id = n.id
""")

NOTE_RUNS = text("""
    INSERT INTO schedule_runs (schedule_id, due_at, outcome, missed_until, job_id)
    SELECT schedule_id, due_at, outcome, missed_until, job_id
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS n(
        schedule_id uuid, due_at timestamptz, outcome text, missed_until timestamptz, job_id uuid)
    ON CONFLICT DO NOTHING
""")

NOTE_DISABLED = text("""
    INSERT INTO schedule_changes (id, schedule_id, changed_by, action, changes)
    SELECT id, schedule_id, 'scheduler', 'disabled',
           jsonb_build_object('disabled_reason', jsonb_build_array(NULL, reason))
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS n(id uuid, schedule_id uuid, reason text)
""")

TRIM = text("""
    DELETE FROM schedule_runs r
    USING (SELECT id, (SELECT due_at FROM schedule_runs WHERE schedule_id = s.id
                       ORDER BY due_at DESC OFFSET :kept LIMIT 1) AS beyond
           FROM schedules s WHERE id = ANY(CAST(:ids AS uuid[]))) AS full_one
    WHERE r.schedule_id = full_one.id AND r.due_at <= full_one.beyond AND r.outcome <> 'waiting'
""")

RELEASABLE = text(f"""
    SELECT s.id, s.task, s.args, s.priority, w.due_at
    FROM schedules s, LATERAL (SELECT r.due_at FROM schedule_runs r WHERE r.schedule_id = s.id
                               AND r.outcome = 'waiting' ORDER BY r.due_at LIMIT 1) AS w
    WHERE s.id IN (SELECT schedule_id FROM schedule_runs WHERE outcome = 'waiting')
      AND s.enabled AND s.disabled_reason IS NULL AND s.deleted_at IS NULL AND NOT {BUSY}
    LIMIT :most FOR NO KEY UPDATE OF s SKIP LOCKED
""")

RELEASED = text("""
    UPDATE schedule_runs r SET outcome = 'fired', job_id = n.job_id, made_at = now()
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS n(schedule_id uuid, due_at timestamptz, job_id uuid)
    WHERE r.schedule_id = ANY(CAST(:ids AS uuid[])) AND r.schedule_id = n.schedule_id AND r.due_at = n.due_at
""")

SET_ASIDE = text("""
    UPDATE schedules SET next_due_at = NULL, fire_at = NULL, disabled_reason = :reason WHERE id = :id
""")
DUE_IDS = text("SELECT id FROM schedules WHERE fire_at <= now() ORDER BY fire_at LIMIT :most")
PRUNE_DELETED = text("DELETE FROM schedules WHERE deleted_at < now() - make_interval(secs => :keep)")


@dataclass
class Decision:
    """What becomes of one due schedule."""

    row: Any
    jobs: list[NewJob] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)
    next_due: datetime | None = None
    fire_at: datetime | None = None
    reason: str | None = None
    """Why it is disabled."""

    def note(self, due: datetime, outcome: Outcome, missed_until: datetime | None = None) -> None:
        """Remember a run that is no job."""
        until = missed_until.isoformat() if missed_until else None
        self.notes.append(_note(str(self.row.id), due, outcome, missed_until=until))


def fire_due(
    db: Session, most: int, *, now: datetime | None = None, only: UUID | None = None
) -> tuple[int, list[Job], list[Decision]]:
    """Make jobs of the runs that are due and plan the next ones.

    Gives how many schedules that were, the jobs, and the schedules that were disabled. The
    clock is the database's unless one is given. A run that exists already is not made twice.
    """
    rows = run(db, DUE, most=most, now=now, only=str(only) if only else None)
    decisions = [_decide(row) for row in rows]
    jobs = submit_all(db, [job for one in decisions for job in one.jobs], publish=False) if rows else []
    _write(db, decisions, jobs)
    after_commit(db, lateness, [(row.moment - row.fire_at).total_seconds() for row in rows])
    return len(rows), jobs, [one for one in decisions if one.reason is not None]


def _decide(row: Any) -> Decision:
    try:
        if row.fingerprint != fingerprint(row.task) and (unfit := why_unfit(row.task, row.args)):
            return Decision(row, reason=unfit)
        return _planned(row)
    except Refused as error:  # a crontab or a zone that this release cannot read
        return Decision(row, reason=str(error))


def _planned(row: Any) -> Decision:
    rule = rule_of(row.crontab, row.interval_seconds, row.anchor, row.once_at, row.time_zone)
    timing = Timing(rule, row.starts_at, row.ends_at, row.jitter_seconds, row.id)
    policy = {"catch_up": CatchUp(row.catch_up), "grace": row.grace_seconds, "ceiling": row.ceiling}
    made = plan(timing, row.next_due_at, row.moment, **policy)
    decision = Decision(row, next_due=made.next_due, fire_at=made.next_due and timing.fires_at(made.next_due))
    if made.missed:
        decision.note(made.missed[0], Outcome.MISSED, made.missed[1])
    for due, outcome in zip(made.runs, _outcomes(row, len(made.runs)), strict=True):
        if outcome is Outcome.FIRED:
            decision.jobs.append(_job(row, due))
        else:
            decision.note(due, outcome)
    return decision


def _outcomes(row: Any, runs: int) -> list[Outcome]:
    """Say by the overlap policy what becomes of so many runs, the first of them first."""
    if row.overlap == Overlap.ALLOW:
        return [Outcome.FIRED] * runs
    begun = 0 if row.busy or row.waiting else min(1, runs)
    queued = min(max(row.ceiling - row.waiting, 0), runs - begun) if row.overlap == Overlap.QUEUE else 0
    rest = runs - begun - queued
    return [Outcome.FIRED] * begun + [Outcome.WAITING] * queued + [Outcome.SKIPPED] * rest


def _job(row: Any, due: datetime) -> NewJob:
    return NewJob(registry[row.task], row.args, due, priority=row.priority, schedule=str(row.id), due_at=due)


def _write(db: Session, decisions: Sequence[Decision], jobs: Sequence[Job]) -> None:
    if not decisions:
        return
    ids = [str(one.row.id) for one in decisions]
    notes = [note for one in decisions for note in one.notes] + [_note_of(job) for job in jobs]
    run(db, ADVANCE, ids=ids, rows=json.dumps([_advance(one) for one in decisions]))
    if notes:
        run(db, NOTE_RUNS, rows=json.dumps(notes))
    if disabled := [one for one in decisions if one.reason is not None]:
        rows = [{"id": str(uuid7()), "schedule_id": str(one.row.id), "reason": one.reason} for one in disabled]
        run(db, NOTE_DISABLED, rows=json.dumps(rows))
    full = [str(one.row.id) for one in decisions if one.row.runs % TRIMMED_EACH + _added(one) >= TRIMMED_EACH]
    if full:
        run(db, TRIM, ids=full, kept=KEPT_RUNS)
    after_commit(db, announce_changed, ["schedules", *(f"schedule:{id}" for id in ids)])


def _advance(one: Decision) -> dict[str, Any]:
    return {
        "id": str(one.row.id),
        "next_due_at": one.next_due and one.next_due.isoformat(),
        "fire_at": one.fire_at and one.fire_at.isoformat(),
        "added": _added(one),
        "reason": one.reason,
        "fingerprint": fingerprint(one.row.task),
    }


def _added(one: Decision) -> int:
    return len(one.jobs) + len(one.notes)


def _note_of(job: Job) -> dict[str, Any]:
    assert job.schedule is not None
    assert job.due_at is not None
    return _note(job.schedule, job.due_at, Outcome.FIRED, job_id=str(job.id))


def _note(schedule_id: str, due: datetime, outcome: Outcome, **more: str | None) -> dict[str, Any]:
    return {"schedule_id": schedule_id, "due_at": due.isoformat(), "outcome": outcome, **more}


def release_waiting(db: Session, most: int) -> list[Job]:
    """Make jobs of the runs that waited for the end of an earlier one, one a schedule."""
    rows = run(db, RELEASABLE, most=most)
    if not rows:
        return []
    jobs = submit_all(db, [_job(row, row.due_at) for row in rows if row.task in registry], publish=False)
    run(db, RELEASED, ids=[str(row.id) for row in rows], rows=json.dumps([_note_of(job) for job in jobs]))
    return jobs


def due_ids(db: Session, most: int) -> list[UUID]:
    """Name the schedules that are due."""
    return list(db.execute(DUE_IDS, {"most": most}).scalars())


def set_aside(db: Session, id: UUID, reason: str) -> None:
    """Disable a schedule that cannot be fired, so that the others can."""
    db.execute(SET_ASIDE, {"id": id, "reason": reason})
    rows = [{"id": str(uuid7()), "schedule_id": str(id), "reason": reason}]
    run(db, NOTE_DISABLED, rows=json.dumps(rows))


def prune_deleted(db: Session, *, keep: float) -> None:
    """Delete schedules that were taken out of service so many seconds ago, with the history of their runs."""
    db.execute(PRUNE_DELETED, {"keep": keep})
