"""How many jobs wait in a queue, and which one longest, without reading them."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE INDEX jobs_waiting_idx ON jobs (queue, queued_at) WHERE state = 'queued'")


def downgrade() -> None:
    op.execute("DROP INDEX jobs_waiting_idx")
