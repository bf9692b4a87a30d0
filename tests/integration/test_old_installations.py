"""Installations of each age, from whose tables the migrations of this release make those of a new one."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bellhop_ledger.platform.settings import Settings
from bellhop_ledger.tasks.plugins import plugins_of
from bellhop_local.servers.postgres import programs
from tests import releases
from tests.databases import MIGRATE, catalog, run_migrate, run_python
from tests.integration.test_roles import run
from tests.releases import Code
from tests.stack import Stack

AGES = ["0002", "0003", "0004", "0008", "0010", "0012", "0023"]
"""Before the first table of a workload, between those of one and the next, and what the release before had."""


CALLS = """
INSERT INTO bellhop.sources (name, refusals) VALUES ('steam', 2);
INSERT INTO bellhop.source_calls (source, at) VALUES ('steam', now());
"""
CALL = "INSERT INTO {schema}.source_calls (source, at) VALUES ('steam', now()) RETURNING id"


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Code:
    """The release before."""
    return releases.ONE_SCHEMA.unpack(tmp_path_factory.mktemp("before"))


@pytest.fixture
def database(servers: Stack) -> Iterator[str]:
    """The address of an empty database."""
    yield servers.postgres.create_database("aged")
    servers.postgres.drop_database("aged")


@pytest.fixture
def restored(servers: Stack) -> Iterator[str]:
    """The address of another one, for a backup."""
    yield servers.postgres.create_database("restored")
    servers.postgres.drop_database("restored")


@pytest.fixture(scope="module")
def fresh(servers: Stack) -> Iterator[dict[str, set[tuple[str, ...]]]]:
    """The tables of a new installation."""
    url = servers.postgres.create_database("fresh")
    run_migrate(url)
    yield tables(url)
    servers.postgres.drop_database("fresh")


def install(code: Code, url: str, revision: str) -> None:
    """Make the tables as they were at a revision."""
    run_python(MIGRATE.format(verb="upgrade", revision=revision), url, **code.env)


def tables(url: str) -> dict[str, set[tuple[str, ...]]]:
    """What a database says of the tables in each schema of ours."""
    plugins = [plugin.name for plugin in plugins_of(Settings.load()) if plugin.migrations]
    return {schema: catalog(url, schema) for schema in ["bellhop", *plugins]}


def names(tables: dict[str, set[tuple[str, ...]]]) -> dict[str, set[tuple[str, ...]]]:
    """The same without the conditions of checks, which a restored database writes in another way."""
    return {schema: {row[:3] for row in rows} for schema, rows in tables.items()}


@pytest.mark.parametrize("revision", [AGES[0], *(pytest.param(age, marks=pytest.mark.long) for age in AGES[1:])])
def test_an_installation_ends_with_the_tables_of_a_new_one(
    code: Code, database: str, fresh: dict[str, set[tuple[str, ...]]], revision: str
) -> None:
    install(code, database, revision)

    run_migrate(database)
    run_migrate(database, "--contract")

    assert tables(database) == fresh


def test_calls_that_a_source_counted_are_in_its_budget_and_the_release_before_counts_on(
    code: Code, database: str
) -> None:
    install(code, database, "0022")
    run(database, CALLS)

    run_migrate(database)

    assert run(database, "SELECT name, refusals FROM bellhop.call_budgets") == [("steam", 2)]
    assert run(database, "SELECT budget FROM bellhop.budget_calls") == [("steam",)]
    assert [run(database, CALL.format(schema=schema)) for schema in ("bellhop", "prices")] == [[(2,)], [(3,)]]


def test_tables_of_a_workload_that_is_not_installed_stay_until_it_is(code: Code, database: str) -> None:
    install(code, database, "0010")
    run(database, "INSERT INTO bellhop.timers VALUES ('main', 7, now(), now())")

    run_migrate(database, WORKLOADS="none")
    kept = run(database, "SELECT ticks, late FROM bellhop.timers")
    run_migrate(database, WORKLOADS="timer")

    assert kept == run(database, "SELECT ticks, late FROM timer.timers") == [(7, 0)]
    assert run(database, "SELECT nspname FROM pg_namespace WHERE nspname IN ('polls', 'timer')") == [("timer",)]


@pytest.mark.long
def test_a_backup_has_the_tables_of_all_schemas_and_what_is_left_for_the_release_before(
    code: Code, database: str, restored: str, fresh: dict[str, set[tuple[str, ...]]], tmp_path: Path
) -> None:
    install(code, database, "0023")
    run_migrate(database)

    dump = ["pg_dump", "--format=custom", f"--file={tmp_path / 'dump'}", database]
    load = ["pg_restore", "--single-transaction", "--no-comments", f"--dbname={restored}", str(tmp_path / "dump")]
    for name, *arguments in (dump, load):
        subprocess.run([programs() / name, *arguments], check=True)

    assert names(tables(restored)) == names(tables(database))
    run_migrate(restored, "--contract")
    assert names(tables(restored)) == names(fresh)
