"""How late each tick of the timer was counted: a sum, and a ring of the last sixty, where its count is a table of ours.

The timer takes both over, so it finds both or none.
"""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

UPGRADE = """
DO $$ BEGIN
    IF to_regclass('timers') IS NOT NULL THEN
        ALTER TABLE timers ADD late integer NOT NULL DEFAULT 0;
        CREATE TABLE ticks (
            timer varchar NOT NULL,
            slot smallint NOT NULL,
            second timestamptz NOT NULL,
            lateness double precision NOT NULL,
            CONSTRAINT ticks_pkey PRIMARY KEY (timer, slot),
            CONSTRAINT ticks_slot_check CHECK (slot BETWEEN 0 AND 59)
        ) WITH (fillfactor = 50);
    END IF;
END $$
"""


def upgrade() -> None:
    op.execute(UPGRADE)


def downgrade() -> None:
    op.execute("DROP TABLE IF EXISTS ticks")
    op.execute("ALTER TABLE IF EXISTS timers DROP late")
