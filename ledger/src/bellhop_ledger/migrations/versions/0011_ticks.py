"""How late each tick of the timer was counted: a sum, and a ring of the last sixty."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE timers ADD late integer NOT NULL DEFAULT 0")
    op.execute("""
        CREATE TABLE ticks (
            timer varchar NOT NULL,
            slot smallint NOT NULL,
            second timestamptz NOT NULL,
            lateness double precision NOT NULL,
            CONSTRAINT ticks_pkey PRIMARY KEY (timer, slot),
            CONSTRAINT ticks_slot_check CHECK (slot BETWEEN 0 AND 59)
        ) WITH (fillfactor = 50)
    """)


def downgrade() -> None:
    op.drop_table("ticks")
    op.execute("ALTER TABLE timers DROP late")
