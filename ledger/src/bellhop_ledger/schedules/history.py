"""History: of each schedule so many runs and changes are kept, whoever makes them and however often."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import text

from bellhop_ledger.platform.database import Database
from bellhop_ledger.platform.statements import run

KEPT = 200

TRIM_RUNS = text("""
    DELETE FROM schedule_runs r
    USING unnest(CAST(:ids AS uuid[])) AS full_one (id),
          LATERAL (SELECT due_at FROM schedule_runs WHERE schedule_id = full_one.id
                   ORDER BY due_at DESC OFFSET :kept LIMIT 1) AS beyond
    WHERE r.schedule_id = full_one.id AND r.due_at <= beyond.due_at AND r.outcome <> 'waiting'
""")

TRIM_CHANGES = text("""
    DELETE FROM schedule_changes c
    USING unnest(CAST(:ids AS uuid[])) AS full_one (id),
          LATERAL (SELECT id FROM schedule_changes WHERE schedule_id = full_one.id
                   ORDER BY id DESC OFFSET :kept LIMIT 1) AS beyond
    WHERE c.schedule_id = full_one.id AND c.id <= beyond.id
""")

# Nobody can read the changes of a schedule that is gone.
PRUNE_DELETED = text("""
    WITH gone AS (DELETE FROM schedules WHERE deleted_at < now() - make_interval(secs => :keep) RETURNING id)
    DELETE FROM schedule_changes WHERE schedule_id IN (SELECT id FROM gone)
""")


def trim_runs(db: Database, schedules: Iterable[UUID]) -> None:
    """Delete all but the latest runs of these schedules; those that wait stay."""
    run(db, TRIM_RUNS, ids=[str(id) for id in schedules], kept=KEPT)


def trim_changes(db: Database, schedules: Iterable[UUID]) -> None:
    """Delete all but the latest changes of these schedules."""
    run(db, TRIM_CHANGES, ids=[str(id) for id in schedules], kept=KEPT)


def prune_deleted(db: Database, *, keep: float) -> None:
    """Delete schedules that were taken out of service so many seconds ago, with the whole of their history."""
    run(db, PRUNE_DELETED, keep=keep)
