"""The indexes of jobs that have not ended take in those that are blocked, and the checks of 0031 are validated."""

from alembic import op

from bellhop_ledger.migrations.session import lock_tables

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

VALIDATE = """
ALTER TABLE unfinished_jobs
    VALIDATE CONSTRAINT unfinished_jobs_state_check, VALIDATE CONSTRAINT unfinished_jobs_blocked_by_check
"""
INDEXES = {
    "jobs_start_before_idx": ("start_before", "start_before IS NOT NULL", "'scheduled','queued'"),
    "jobs_unfinished_idx": ("schedule", "schedule IS NOT NULL", "'scheduled','queued','running'"),
    "jobs_of_user_idx": ("user_id", "user_id IS NOT NULL", "'scheduled','queued','running'"),
}


def upgrade() -> None:
    op.execute(VALIDATE)
    _build("'blocked',{states}")


def downgrade() -> None:
    _build("{states}")


def _build(states: str) -> None:
    """Build the indexes with these states, and drop the old ones.

    Nobody uses the table meanwhile. To build takes one lock and to drop a stronger one, and between the two a job that
    has its row locked and waits to be finished would be waited for.
    """
    lock_tables(op.get_bind(), ["unfinished_jobs"])
    for name, (column, given, former) in INDEXES.items():
        where = f"{given} AND state IN ({states.format(states=former)})"
        op.execute(f"CREATE INDEX {name}_new ON unfinished_jobs ({column}) WHERE {where}")
    for name in INDEXES:
        op.execute(f"DROP INDEX {name}")
        op.execute(f"ALTER INDEX {name}_new RENAME TO {name}")
