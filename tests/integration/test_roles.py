"""The application's role: what it may not do, and how an installation that had one role comes to have two."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
from psycopg2.errors import InsufficientPrivilege
from sqlalchemy import make_url

from tests.stack import BIN, Stack

PASSWORD = "it's a \\ password"


def run(url: str, statement: str) -> list[tuple[object, ...]]:
    """Run a statement as the role of this address."""
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []


def migrate(application: str, owner: str = "") -> subprocess.CompletedProcess[str]:
    """Run bellhop-migrate with these addresses."""
    addresses = {"DATABASE_URL": application, "MIGRATION_DATABASE_URL": owner, "REDIS_URL": "redis://nowhere"}
    env = os.environ | addresses | {"APP_ENV": "test"}
    return subprocess.run([BIN / "bellhop-migrate"], env=env, capture_output=True, text=True, check=False)


def as_role(url: str, name: str, password: str = PASSWORD) -> str:
    """The same database for another role."""
    return make_url(url).set(username=name, password=password).render_as_string(hide_password=False)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "CREATE EXTENSION pg_stat_statements",
        "CREATE ROLE mine",
        "CREATE DATABASE mine",
        "DROP TABLE jobs",
        "ALTER TABLE jobs ADD COLUMN mine int",
        "ALTER TABLE jobs DISABLE TRIGGER ALL",
        "CREATE INDEX mine ON jobs (id)",
        "TRUNCATE jobs",
        "SELECT * FROM pg_authid",
        "SELECT pg_read_file('/etc/passwd')",
        "COPY jobs TO PROGRAM 'cat'",
        "SET ROLE bellhop",
        "ALTER ROLE bellhop_app SUPERUSER",
        "UPDATE alembic_version SET version_num = '0001'",
    ],
)
def test_the_application_may_not(stack: Stack, statement: str) -> None:
    with pytest.raises(InsufficientPrivilege):
        run(stack.application_url, statement)


def test_the_application_owns_nothing_and_every_service_runs_as_it(stack: Stack) -> None:
    owned = stack.sql(
        "SELECT relname FROM pg_class WHERE relowner = 'bellhop_app'::regrole "
        "UNION ALL SELECT datname FROM pg_database WHERE datdba = 'bellhop_app'::regrole "
        "UNION ALL SELECT nspname FROM pg_namespace "
        "WHERE nspowner = 'bellhop_app'::regrole AND nspname !~ '^pg_(toast_)?temp_'"
    )
    connected = stack.sql("SELECT DISTINCT usename FROM pg_stat_activity WHERE application_name = 'bellhop'")

    assert (owned, connected) == ([], [("bellhop_app",)])


def test_postgres_ends_what_takes_the_application_too_long(stack: Stack) -> None:
    shown = "SELECT current_setting('statement_timeout'), current_setting('lock_timeout')"

    assert run(stack.application_url, shown) == [("30min", "5min")]
    assert run(stack.postgres.url, shown) == [("0", "0")]


@pytest.fixture
def one_role(servers: Stack, tmp_path: Path) -> Iterator[str]:
    """The address of a database as every installation had it before: one role, which owns all."""
    url = servers.postgres.create_database("one_role")
    assert migrate(url).returncode == 0
    yield url
    servers.postgres.drop_database("one_role")
    servers.sql("DROP ROLE IF EXISTS moved")


def test_an_installation_with_one_role_moves_to_two(one_role: str) -> None:
    run(one_role, "INSERT INTO sources (name) VALUES ('kept')")
    application = as_role(one_role, "moved")

    assert migrate(application, one_role).returncode == 0
    run(one_role, "CREATE TABLE later (id bigserial, name text)")

    assert ("kept",) in run(application, "SELECT name FROM sources")
    assert run(application, "INSERT INTO later (name) VALUES ('a') RETURNING id") == [(1,)]
    with pytest.raises(InsufficientPrivilege):
        run(application, "DROP TABLE later")


def test_a_new_password_is_taken_over_and_never_said(one_role: str) -> None:
    migrate(as_role(one_role, "moved", "the old one"), one_role)

    again = migrate(as_role(one_role, "moved"), one_role)

    assert run(as_role(one_role, "moved"), "SELECT 1") == [(1,)]
    assert PASSWORD not in again.stdout + again.stderr
    [(stored,)] = run(one_role, "SELECT rolpassword FROM pg_authid WHERE rolname = 'moved'")
    assert str(stored).startswith("SCRAM-SHA-256$")


def test_the_owner_or_a_superuser_is_refused_as_the_application(one_role: str, servers: Stack) -> None:
    servers.sql("CREATE ROLE moved LOGIN SUPERUSER")

    refused = migrate(as_role(one_role, "moved"), one_role)

    assert refused.returncode == 1
    assert "DATABASE_URL: the role moved must not be a superuser" in refused.stderr
