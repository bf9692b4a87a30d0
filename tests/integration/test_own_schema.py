"""A database that Bellhop shares: what is an application's stays its own, and nobody waits long for a table."""

from collections.abc import Iterator

import pytest
from psycopg2.errors import UndefinedTable
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from bellhop_ledger.migrations import session
from bellhop_ledger.migrations.session import TablesInUseError, lock_tables
from tests.databases import connected, run_command
from tests.integration.test_roles import as_role, run
from tests.locks import uncommitted
from tests.stack import Stack

THEIRS = """
CREATE TABLE public.users (id integer PRIMARY KEY, name text);
CREATE TABLE public.jobs (id integer PRIMARY KEY, state text);
CREATE TABLE public.alembic_version (version_num text);
INSERT INTO public.users VALUES (1, 'Ada');
INSERT INTO public.alembic_version VALUES ('0021');
"""
HELD = "SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND mode = 'AccessExclusiveLock'"


@pytest.fixture
def shared(servers: Stack) -> Iterator[str]:
    """The address of a database of its own, as its owner."""
    yield servers.postgres.create_database("shared")
    servers.postgres.drop_database("shared")
    servers.sql("DROP ROLE IF EXISTS guest")


def tables(url: str, schema: str) -> set[str]:
    found = run(url, f"SELECT relname FROM pg_class WHERE relnamespace = '{schema}'::regnamespace")
    return {str(name) for (name,) in found}


def test_an_applications_tables_of_the_same_names_are_no_obstacle_and_stay_as_they_are(shared: str) -> None:
    run(shared, THEIRS)
    before = tables(shared, "public")

    first = run_command(shared, "bellhop-migrate", WORKLOADS="none")
    second = run_command(shared, "bellhop-migrate", WORKLOADS="none")

    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert tables(shared, "public") == before
    assert run(shared, "SELECT * FROM public.users") == [(1, "Ada")]
    assert run(shared, "SELECT * FROM public.alembic_version") == [("0021",)]
    assert {"jobs", "users", "alembic_version"} <= tables(shared, "bellhop")


def test_our_sessions_do_not_see_what_is_in_public(stack: Stack) -> None:
    stack.sql("CREATE TABLE public.theirs ()")
    try:
        with connected(stack.application_url, "bellhop") as connection, pytest.raises(ProgrammingError) as raised:
            connection.execute(text("SELECT * FROM theirs"))
        assert isinstance(raised.value.orig, UndefinedTable)
    finally:
        stack.sql("DROP TABLE public.theirs")


def test_a_schema_with_tables_of_somebody_else_is_refused(shared: str) -> None:
    run(shared, "CREATE SCHEMA shop; CREATE TABLE shop.users (id integer)")

    done = run_command(shared, "bellhop-migrate", DATABASE_SCHEMA="shop")

    assert done.returncode == 1
    assert "DATABASE_SCHEMA: the schema shop has tables that are not Bellhop's, such as users" in done.stderr
    assert tables(shared, "shop") == {"users"}


def test_a_name_that_is_no_schema_for_us_is_refused(shared: str) -> None:
    done = run_command(shared, "bellhop-migrate", DATABASE_SCHEMA="public")

    assert done.returncode == 1
    assert "DATABASE_SCHEMA: must be a name of at most 63 of a-z, 0-9 and _" in done.stderr


def test_who_may_not_create_a_schema_is_told_what_an_administrator_has_to_run(shared: str) -> None:
    run(shared, "CREATE ROLE guest LOGIN PASSWORD 'guest'")

    done = run_command(as_role(shared, "guest", "guest"), "bellhop-migrate")

    assert done.returncode == 1
    assert "the role guest may not create the schema bellhop" in done.stderr
    assert "CREATE SCHEMA bellhop AUTHORIZATION guest" in done.stderr


def test_tables_that_are_in_use_are_asked_for_again_and_meanwhile_left_to_others(
    ledger: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "FIRST_WAIT", 0.2)
    pauses: list[float] = []

    def note(seconds: float) -> None:
        pauses.append(seconds)
        with connected(ledger.postgres.url, "bellhop") as other, other.begin():
            other.execute(text("SET LOCAL lock_timeout = '1s'; SELECT FROM tokens, users LIMIT 1"))
        if len(pauses) == 2:
            busy.__exit__(None, None, None)

    monkeypatch.setattr("time.sleep", note)
    busy = uncommitted(ledger, "LOCK TABLE users IN ROW EXCLUSIVE MODE")
    busy.__enter__()
    with connected(ledger.postgres.url, "bellhop") as connection, connection.begin():
        lock_tables(connection, ["tokens", "users"])
        held = connection.scalar(text(HELD))

    assert pauses == [0.2, 0.4]
    assert held == 2


def test_tables_that_are_always_in_use_are_given_up(ledger: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(session, "ATTEMPTS", 3)

    with (
        uncommitted(ledger, "LOCK TABLE users IN ROW EXCLUSIVE MODE"),
        connected(ledger.postgres.url, "bellhop") as connection,
        connection.begin(),
        pytest.raises(TablesInUseError),
    ):
        lock_tables(connection, ["users"])
