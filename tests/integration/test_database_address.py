"""The address of the database: what it says of its connections counts, in the application and in the migration."""

from collections.abc import Iterator
from contextlib import closing

import psycopg2
import pytest
from sqlalchemy import text

from bellhop_ledger.platform.database import engine
from bellhop_ledger.platform.settings import Settings
from tests.databases import run_command
from tests.stack import Stack


@pytest.fixture
def apart(ledger: Stack) -> Iterator[str]:
    """The address of a database of its own, with a schema `mine` beside `public`."""
    ledger.sql("CREATE DATABASE apart")
    address = f"{ledger.postgres.url.rpartition('/')[0]}/apart"
    with closing(psycopg2.connect(address)) as connection, connection, connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA mine")
    yield address
    ledger.sql("DROP DATABASE apart WITH (FORCE)")


def test_the_tables_go_to_the_schema_of_the_setting_whatever_the_address_says(apart: str) -> None:
    address = f"{apart}?options=-csearch_path%3Dpublic"

    done = run_command(address, "bellhop-migrate", DATABASE_SCHEMA="mine", WORKLOADS="none")

    assert done.returncode == 0, done.stderr
    with closing(psycopg2.connect(apart)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT schemaname FROM pg_tables WHERE schemaname NOT LIKE ALL ('{pg_%,info%}')")
        assert cursor.fetchall() == [("mine",)]


def test_what_the_address_says_of_a_connection_stands_beside_what_we_say(
    ledger: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = "-csearch_path%3Dmine%20-cstatement_timeout%3D7s%20-ctimezone%3DAsia/Tokyo"
    monkeypatch.setenv("DATABASE_URL", f"{ledger.application_url}?application_name=shop&options={options}")
    Settings.load.cache_clear()
    engine.cache_clear()
    names = ("search_path", "statement_timeout", "timezone", "application_name", "plan_cache_mode")

    try:
        with engine().connect() as connection:
            said = {name: connection.scalar(text(f"SHOW {name}")) for name in names}
        engine().dispose()
    finally:
        monkeypatch.undo()
        Settings.load.cache_clear()
        engine.cache_clear()

    assert said == {
        "search_path": "bellhop,mine",
        "statement_timeout": "7s",
        "timezone": "UTC",
        "application_name": "shop",
        "plan_cache_mode": "force_custom_plan",
    }


@pytest.mark.parametrize("command", ["bellhop-migrate", "bellhop-scheduler"])
def test_what_needs_a_session_does_not_start_where_only_a_pooler_is_known(command: str) -> None:
    done = run_command("postgresql://user:s3cr3t@nowhere/db", command, DATABASE_POOLER="transaction")

    assert done.returncode == 1
    assert done.stderr.startswith("bellhop: DATABASE_DIRECT_URL: is not set; with DATABASE_POOLER=transaction")
    assert "s3cr3t" not in done.stderr


def test_a_pooler_of_another_kind_is_refused() -> None:
    done = run_command("postgresql://user@nowhere/db", "bellhop-web", DATABASE_POOLER="session", SECRET_KEY="x")

    assert done.returncode == 1
    assert "DATABASE_POOLER:" in done.stderr
    assert "'none' or 'transaction'" in done.stderr
