"""Polls, options and votes, which were tables of ours: now the migrations of polls make them, or take them over."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    op.execute("DROP TABLE IF EXISTS votes, poll_options, polls")
