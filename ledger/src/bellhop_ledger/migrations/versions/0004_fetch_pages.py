"""The URLs of a fan-out, which were a table of ours: now the migrations of fetches make it, or take it over."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    op.execute("DROP TABLE IF EXISTS fetch_pages")
