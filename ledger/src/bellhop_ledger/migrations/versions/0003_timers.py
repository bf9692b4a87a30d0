"""The timer's count, which was a table of ours: now the timer's own migrations make it, or take it over."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    op.execute("DROP TABLE IF EXISTS timers")
