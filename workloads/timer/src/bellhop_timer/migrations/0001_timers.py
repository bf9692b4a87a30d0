"""The timer's count, and how late each tick was counted: a sum, and a ring of the last sixty."""

from bellhop_ledger.api import adopt_tables

revision = "0001"
down_revision = None

CREATE = """
CREATE TABLE timers (
    name varchar PRIMARY KEY,
    ticks integer NOT NULL,
    started_at timestamptz NOT NULL,
    last_tick_at timestamptz NOT NULL,
    late integer NOT NULL DEFAULT 0
);
CREATE TABLE ticks (
    timer varchar NOT NULL,
    slot smallint NOT NULL,
    second timestamptz NOT NULL,
    lateness double precision NOT NULL,
    CONSTRAINT ticks_pkey PRIMARY KEY (timer, slot),
    CONSTRAINT ticks_slot_check CHECK (slot BETWEEN 0 AND 59)
) WITH (fillfactor = 50);
"""


def upgrade() -> None:
    adopt_tables("timers", "ticks", otherwise=CREATE)
