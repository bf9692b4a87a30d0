"""Indexes on jobs that have ended, added and dropped by migrations while the release before goes on."""

from collections.abc import Iterable, Mapping

from alembic import op
from sqlalchemy import text

from bellhop_ledger.migrations.session import lock_tables

MOST_BYTES = 16 * 1024 * 1024
"""Of a day's rows: some indexes over so many are built within 0.2 s."""
SMALL_DAYS = text("""
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'ended_jobs'::regclass AND pg_relation_size(c.oid) <= :most ORDER BY 1
""")


def add_indexes(indexes: Mapping[str, str]) -> None:
    """Create indexes by their names, each given as what follows the table in CREATE INDEX.

    What is built over a day that is full would keep its jobs from ending meanwhile. So a full day stays without: its
    lists are read from end to end until it is forgotten. Days that follow get the indexes with their table.

    All tables are locked before the first index: a statement on `jobs` locks one after another as well, and each of the
    two might wait for what the other one has.
    """
    days = list(op.get_bind().scalars(SMALL_DAYS, {"most": MOST_BYTES}))
    lock_tables(op.get_bind(), ["ONLY ended_jobs", *days, "kept_jobs"], "SHARE")
    for name, columns in indexes.items():
        op.execute(f"CREATE INDEX kept_jobs_{name}_idx ON kept_jobs {columns}")
        op.execute(f"CREATE INDEX ended_jobs_{name}_idx ON ONLY ended_jobs {columns}")
        for day in days:
            op.execute(f"CREATE INDEX {day}_{name}_idx ON {day} {columns}")
            op.execute(f"ALTER INDEX ended_jobs_{name}_idx ATTACH PARTITION {day}_{name}_idx")


def drop_indexes(names: Iterable[str]) -> None:
    """Drop indexes that add_indexes() has created."""
    for name in names:
        op.execute(f"DROP INDEX kept_jobs_{name}_idx, ended_jobs_{name}_idx")
