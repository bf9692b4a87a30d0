"""What waits for its next attempt, and how many attempts failed in a minute: a release before this one counts none."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE INDEX jobs_retrying_idx ON jobs (state, run_at) WHERE attempt > 0 AND state IN ('scheduled','queued')
    """)
    op.execute("ALTER TABLE job_counts ADD retried bigint NOT NULL DEFAULT 0")


def downgrade() -> None:
    op.execute("ALTER TABLE job_counts DROP retried")
    op.execute("DROP INDEX jobs_retrying_idx")
