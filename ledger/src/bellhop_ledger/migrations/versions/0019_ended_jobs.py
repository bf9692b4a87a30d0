"""The jobs of a state that have ended, in the order in which they ended."""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX jobs_ended_idx ON jobs (state, finished_at, id) WHERE finished_at IS NOT NULL")


def downgrade() -> None:
    op.execute("DROP INDEX jobs_ended_idx")
