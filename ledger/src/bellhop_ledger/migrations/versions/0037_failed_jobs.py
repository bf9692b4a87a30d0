"""Lists of jobs that failed or were cancelled by task, by queue and by date: they are few among those that ended."""

from bellhop_ledger.migrations.ended_indexes import add_indexes, drop_indexes

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

FEW = "WHERE state IN ('failed','cancelled')"
INDEXES = {
    "failed": f"(state, created_at, id) {FEW}",
    "failed_task": f"(task, state, created_at, id) {FEW}",
    "failed_queue": f"(queue, state, created_at, id) {FEW}",
}


def upgrade() -> None:
    add_indexes(INDEXES)


def downgrade() -> None:
    drop_indexes(INDEXES)
