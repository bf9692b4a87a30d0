"""Connections of this process to a real PgBouncer in transaction mode: each transaction brings its settings."""

import io
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg2
import pytest
from psycopg2.extras import execute_batch
from sqlalchemy import text

from bellhop_ledger.ledger.submit import NewJob, submit_all
from bellhop_ledger.platform.database import engine, transaction
from bellhop_ledger.platform.settings import Settings
from bellhop_ledger.platform.statements import autocommit, raw_transaction, run
from tests.pooler import PgBouncer, needs_pgbouncer
from tests.stack import Stack, wait_until
from tests.tasks.signatures import noop

pytestmark = needs_pgbouncer
NAMES = ("search_path", "statement_timeout", "timezone", "shop.rate")
SHOWN = "SELECT " + ", ".join(f"current_setting('{name}', true) AS s{n}" for n, name in enumerate(NAMES))
WANTED = ("bellhop, mine", "7s", "UTC", "50%")
OPTIONS = "-csearch_path%3Dmine%20-cstatement_timeout%3D7s%20-ctimezone%3DAsia/Tokyo%20-cshop.rate%3D50%25"
JOBS = "SELECT count(*) FROM jobs"


@pytest.fixture(scope="module")
def pooler(servers: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PgBouncer]:
    """A pooler with one connection, which everybody shares."""
    made = PgBouncer(tmp_path_factory.mktemp("pooler") / "pgbouncer", servers.postgres, size=1).start()
    wait_until(made.answers)
    yield made
    made.stop()


@pytest.fixture
def pooled(ledger: Stack, pooler: PgBouncer, monkeypatch: pytest.MonkeyPatch) -> Iterator[PgBouncer]:
    """Connect this process through the pooler."""
    monkeypatch.setenv("DATABASE_URL", f"{pooler.address()}?options={OPTIONS}")
    monkeypatch.setenv("DATABASE_POOLER", "transaction")
    Settings.load.cache_clear()
    engine.cache_clear()
    yield pooler
    engine().dispose()
    monkeypatch.undo()
    Settings.load.cache_clear()
    engine.cache_clear()


def seen_by_a_guest(pooler: PgBouncer) -> Any:
    with closing(psycopg2.connect(pooler.address())) as guest, guest.cursor() as cursor:
        cursor.execute(SHOWN)
        return cursor.fetchone()


def test_a_transaction_has_our_settings_and_those_of_the_address_and_leaves_none(pooled: PgBouncer) -> None:
    for _ in range(2):
        with transaction() as db:
            assert tuple(db.execute(text(SHOWN)).one()) == WANTED
            assert tuple(db.execute(text(SHOWN)).one()) == WANTED
        assert seen_by_a_guest(pooled)[:3] == ('"$user", public', "30min", "UTC")
        assert not seen_by_a_guest(pooled)[3]


def test_statements_of_the_ledger_have_them_too(pooled: PgBouncer) -> None:
    with autocommit() as db:
        assert tuple(run(db, text(SHOWN))[0]) == WANTED
        assert tuple(run(db, text(SHOWN))[0]) == WANTED
    with raw_transaction() as db:
        assert tuple(run(db, text(SHOWN))[0]) == WANTED
        submit_all(db, [NewJob(noop, {})])
    with autocommit() as db:
        assert run(db, text(f"{JOBS} WHERE task LIKE '%noop' OR id = ANY(CAST(:ids AS uuid[]))"), ids=[])[0].count == 1


def test_they_outlive_a_savepoint_that_is_rolled_back(pooled: PgBouncer) -> None:
    with transaction() as db:
        nested = db.begin_nested()
        db.execute(text(SHOWN))
        nested.rollback()
        assert tuple(db.execute(text(SHOWN)).one()) == WANTED


def test_they_come_again_after_a_rollback(pooled: PgBouncer) -> None:
    with transaction() as db:
        db.execute(text(SHOWN))
        db.rollback()
    with transaction() as db:
        assert tuple(db.execute(text(SHOWN)).one()) == WANTED


def test_whatever_a_transaction_begins_with_has_them(pooled: PgBouncer) -> None:
    def first(act: str, driver: Any) -> Any:
        with driver.cursor(name="held") if act == "cursor" else driver.cursor() as cursor:
            if act == "copy":
                cursor.copy_expert(f"COPY ({JOBS}) TO STDOUT", out := io.StringIO())
                return out.getvalue()
            if act == "many":
                execute_batch(cursor, "SELECT count(*) + %s FROM jobs", [(1,), (2,)])
            else:
                cursor.execute(JOBS)
            return cursor.fetchone()[0]

    for act, count in (("cursor", 0), ("copy", "0\n"), ("many", 2), ("plain", 0)):
        with transaction() as db:
            assert first(act, db.connection().connection.driver_connection) == count, act
            assert tuple(db.execute(text(SHOWN)).one()) == WANTED


def test_nothing_is_prepared(pooled: PgBouncer) -> None:
    for _ in range(3):
        with autocommit() as db:
            submit_all(db, [NewJob(noop, {})])

    with closing(psycopg2.connect(pooled.address())) as guest, guest.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements")
        assert cursor.fetchone() == (0,)
