"""Indexes on ended jobs, added by a migration while the services work on these tables."""

from concurrent.futures import ThreadPoolExecutor

import psycopg2
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import text

from bellhop_ledger.migrations.ended_indexes import add_indexes, drop_indexes
from tests.databases import connected
from tests.locks import someone_waits
from tests.stack import Stack

PROBES = "SELECT count(*) FROM pg_indexes WHERE indexname IN ('kept_jobs_probe_idx', 'ended_jobs_probe_idx')"


def add_and_drop(stack: Stack) -> list[int]:
    """Add an index and drop it again, and return how many there were after each; nothing is committed."""
    with connected(stack.postgres.url, "bellhop") as connection, connection.begin() as transaction:
        with Operations.context(MigrationContext.configure(connection)):
            add_indexes({"probe": "(worker)"})
            there = [connection.scalar(text(PROBES))]
            drop_indexes(["probe"])
            there.append(connection.scalar(text(PROBES)))
        transaction.rollback()
    return [int(number or 0) for number in there]


def test_a_statement_that_locks_the_tables_one_after_another_and_the_migration_do_not_wait_for_each_other(
    ledger: Stack,
) -> None:
    ledger.sql("SELECT add_ended_day(CURRENT_DATE + 20)")
    statement = psycopg2.connect(ledger.postgres.url)
    with ThreadPoolExecutor(1) as pool, statement.cursor() as cursor:
        cursor.execute("SET LOCAL search_path = bellhop; LOCK TABLE ONLY ended_jobs IN ROW EXCLUSIVE MODE")
        migration = pool.submit(add_and_drop, ledger)
        someone_waits(ledger, "%ended_jobs%")
        cursor.execute("SET LOCAL lock_timeout = '10s'; LOCK TABLE kept_jobs IN ROW EXCLUSIVE MODE")
        statement.commit()

        assert migration.result(60) == [2, 0]
    statement.close()
