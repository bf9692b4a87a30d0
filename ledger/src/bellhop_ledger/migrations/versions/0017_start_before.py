"""By when a job must have begun: the `expires` of a Celery client; empty for a release before this one."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE jobs ADD start_before timestamptz")
    op.execute(
        "CREATE INDEX jobs_start_before_idx ON jobs (start_before) "
        "WHERE start_before IS NOT NULL AND state IN ('scheduled','queued')"
    )


def downgrade() -> None:
    op.execute("DROP INDEX jobs_start_before_idx")
    op.execute("ALTER TABLE jobs DROP start_before")
