"""Which schedules had a run that failed, and when: what fails comes first on their list and on their wall."""

from alembic import op

from bellhop_ledger.migrations.ended_indexes import add_indexes, drop_indexes
from bellhop_ledger.migrations.session import lock_tables

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None

INDEXES = {"failed_runs": "(due_at, schedule) WHERE state = 'failed' AND schedule IS NOT NULL"}


def upgrade() -> None:
    add_indexes(INDEXES)
    lock_tables(op.get_bind(), ["schedule_runs"], "SHARE")
    op.execute("CREATE INDEX schedule_runs_failed_idx ON schedule_runs (schedule_id) WHERE state = 'failed'")


def downgrade() -> None:
    op.execute("DROP INDEX schedule_runs_failed_idx")
    drop_indexes(INDEXES)
