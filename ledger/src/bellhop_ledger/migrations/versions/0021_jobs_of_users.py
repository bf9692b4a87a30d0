"""Whose a job is, where a plain user asked for it: for the bound of unfinished ones, and for who may look."""

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE jobs ADD user_id uuid")
    op.execute(
        "CREATE INDEX jobs_of_user_idx ON jobs (user_id)"
        " WHERE user_id IS NOT NULL AND state IN ('scheduled','queued','running')"
    )


def downgrade() -> None:
    op.execute("DROP INDEX jobs_of_user_idx")
    op.execute("ALTER TABLE jobs DROP user_id")
