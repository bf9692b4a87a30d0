"""Games and prices, which were tables of ours: now the migrations of prices make them, or take them over."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    op.execute("DROP TABLE IF EXISTS alerts, watches, prices, games, source_calls, sources")
