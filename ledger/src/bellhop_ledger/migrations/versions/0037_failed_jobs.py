"""Lists of jobs that failed or were cancelled by task, by queue and by date: they are few among those that ended.

As with the lists of 0035, a day that is full stays without these indexes until it is forgotten.
"""

from alembic import op
from sqlalchemy import text

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None

INDEXES = {
    "failed": "(state, created_at, id)",
    "failed_task": "(task, state, created_at, id)",
    "failed_queue": "(queue, state, created_at, id)",
}
FEW = "WHERE state IN ('failed','cancelled')"
MOST_BYTES = 16 * 1024 * 1024
"""Of a day's rows: its indexes are built within 0.2 s."""
DAYS = text("""
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'ended_jobs'::regclass AND pg_relation_size(c.oid) <= :most ORDER BY 1
""")


def upgrade() -> None:
    days = list(op.get_bind().scalars(DAYS, {"most": MOST_BYTES}))
    for name, columns in INDEXES.items():
        op.execute(f"CREATE INDEX kept_jobs_{name}_idx ON kept_jobs {columns} {FEW}")
        op.execute(f"CREATE INDEX ended_jobs_{name}_idx ON ONLY ended_jobs {columns} {FEW}")
        for day in days:
            op.execute(f"CREATE INDEX {day}_{name}_idx ON {day} {columns} {FEW}")
            op.execute(f"ALTER INDEX ended_jobs_{name}_idx ATTACH PARTITION {day}_{name}_idx")


def downgrade() -> None:
    for name in INDEXES:
        op.execute(f"DROP INDEX kept_jobs_{name}_idx, ended_jobs_{name}_idx")
