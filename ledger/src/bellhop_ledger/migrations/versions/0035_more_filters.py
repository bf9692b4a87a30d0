"""Lists of jobs by submitter, request, parent and tag, and of those that have expired.

What is built over a day that is full would keep its jobs from ending meanwhile. So a full day stays without: its lists
are read from end to end until it is forgotten. Days that follow get the indexes with their table.
"""

from alembic import op
from sqlalchemy import text

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

ENDED = {
    "submitter": "(submitter, created_at, id) WHERE submitter IS NOT NULL",
    "request": "(request_id) WHERE request_id IS NOT NULL",
    "parent": "(parent, created_at, id) WHERE parent IS NOT NULL",
    "tags": "USING gin (tags) WHERE tags IS NOT NULL",
    "expired": "(finished_at, id) WHERE state = 'cancelled' AND attempt = 0 AND error ->> 'type' = 'Expired'",
}
MOST_BYTES = 16 * 1024 * 1024
"""Of a day's rows: its five indexes are built within 0.2 s."""
DAYS = text("""
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'ended_jobs'::regclass AND pg_relation_size(c.oid) <= :most ORDER BY 1
""")


def upgrade() -> None:
    days = list(op.get_bind().scalars(DAYS, {"most": MOST_BYTES}))
    for name, columns in ENDED.items():
        op.execute(f"CREATE INDEX kept_jobs_{name}_idx ON kept_jobs {columns}")
        op.execute(f"CREATE INDEX ended_jobs_{name}_idx ON ONLY ended_jobs {columns}")
        for day in days:
            op.execute(f"CREATE INDEX {day}_{name}_idx ON {day} {columns}")
            op.execute(f"ALTER INDEX ended_jobs_{name}_idx ATTACH PARTITION {day}_{name}_idx")


def downgrade() -> None:
    for name in ENDED:
        op.execute(f"DROP INDEX kept_jobs_{name}_idx, ended_jobs_{name}_idx")
