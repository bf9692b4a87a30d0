"""What the jobs of a schedule do in another way than those of their task; an earlier release makes them as ever."""

from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE schedules ADD overrides jsonb")


def downgrade() -> None:
    op.execute("ALTER TABLE schedules DROP overrides")
