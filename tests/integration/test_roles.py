"""The application's role: what it may not do, and how an installation that had one role comes to have two."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import closing

import psycopg2
import pytest
from psycopg2.errors import InsufficientPrivilege
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.orm import Session

from bellhop_ledger.migrations.database_roles import let_in
from bellhop_ledger.platform.settings import SettingsError
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
        "CREATE TABLE public.mine (id int)",
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
        run(f"{stack.application_url}?options=-csearch_path%3Dbellhop", statement)


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
def database(servers: Stack) -> Iterator[str]:
    """The address of an empty database, as its owner."""
    yield servers.postgres.create_database("roles")
    servers.postgres.drop_database("roles")
    servers.sql("DROP ROLE IF EXISTS moved")


@pytest.mark.long
def test_an_installation_with_one_role_moves_to_two(database: str) -> None:
    application = as_role(database, "moved")
    assert migrate(database).returncode == 0
    run(database, "INSERT INTO bellhop.heartbeats (service, name) VALUES ('worker', 'kept')")

    moved = migrate(application, database)
    run(database, "CREATE TABLE bellhop.later (id bigserial, name text)")

    assert moved.returncode == 0, moved.stderr
    assert PASSWORD not in moved.stdout + moved.stderr
    assert ("kept",) in run(application, "SELECT name FROM bellhop.heartbeats")
    assert run(application, "INSERT INTO bellhop.later (name) VALUES ('a') RETURNING id") == [(1,)]
    with pytest.raises(InsufficientPrivilege):
        run(application, "DROP TABLE bellhop.later")


def let_in_as(database: str, name: str, password: str) -> None:
    """Do what bellhop-migrate does at its end."""
    engine = create_engine(make_url(database).set(drivername="postgresql+psycopg2"))
    with Session(engine) as db, db.begin():
        db.execute(text("CREATE SCHEMA IF NOT EXISTS ours"))
        db.execute(text("CREATE TABLE IF NOT EXISTS ours.alembic_version (version_num text)"))
        let_in(db, make_url(as_role(database, name, password)), {"ours": "alembic_version"})
    engine.dispose()


def test_a_new_password_is_taken_over_and_sent_as_a_hash(database: str) -> None:
    let_in_as(database, "moved", "the old one")

    let_in_as(database, "moved", PASSWORD)

    assert run(as_role(database, "moved"), "SELECT 1") == [(1,)]
    [(stored,)] = run(database, "SELECT rolpassword FROM pg_authid WHERE rolname = 'moved'")
    assert str(stored).startswith("SCRAM-SHA-256$")


@pytest.mark.parametrize("right", ["SUPERUSER", "IN ROLE bellhop"])
def test_who_could_do_what_the_owner_may_is_refused_as_the_application(database: str, right: str) -> None:
    run(database, f"CREATE ROLE moved LOGIN {right}")

    with pytest.raises(SettingsError, match="DATABASE_URL: the role moved must not be a superuser"):
        let_in_as(database, "moved", PASSWORD)


def test_a_role_that_somebody_else_has_made_keeps_its_password(database: str) -> None:
    run(database, "CREATE ROLE keeper LOGIN CREATEROLE PASSWORD 'keeper'; CREATE ROLE moved LOGIN PASSWORD 'theirs'")
    run(database, "ALTER DATABASE roles OWNER TO keeper; ALTER SCHEMA public OWNER TO keeper")

    let_in_as(as_role(database, "keeper", "keeper"), "moved", PASSWORD)

    assert run(as_role(database, "moved", "theirs"), "SELECT has_schema_privilege('ours', 'USAGE')")
    run(database, "ALTER DATABASE roles OWNER TO bellhop; REASSIGN OWNED BY keeper TO bellhop")
    run(database, "DROP OWNED BY keeper; DROP ROLE keeper")
