"""By how much the clock of each worker and scheduler differs from the database's."""

from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE heartbeats ADD clock_offset double precision")


def downgrade() -> None:
    op.execute("ALTER TABLE heartbeats DROP clock_offset")
