"""The step of a trace that submitted a job; empty while traces are off, and for a release before this one."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE jobs ADD trace_context varchar")


def downgrade() -> None:
    op.execute("ALTER TABLE jobs DROP trace_context")
