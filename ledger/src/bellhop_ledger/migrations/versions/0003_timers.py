"""The timer's count."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        CREATE TABLE timers (
            name varchar PRIMARY KEY,
            ticks integer NOT NULL,
            started_at timestamptz NOT NULL,
            last_tick_at timestamptz NOT NULL
        )
    """)


def downgrade() -> None:
    op.drop_table("timers")
