"""Installations of each age, from whose tables the migrations of this release make those of a new one."""

from collections.abc import Iterator

import pytest

from bellhop_ledger.platform.settings import Settings
from bellhop_ledger.tasks.plugins import plugins_of
from tests import releases
from tests.databases import MIGRATE, catalog, run_command, run_python
from tests.releases import Code
from tests.stack import Stack

AGES = ["0002", "0003", "0004", "0008", "0010", "0012", "0023"]
"""Before the first table of a workload, between those of one and the next, and what the release before had."""


@pytest.fixture(scope="module")
def code(tmp_path_factory: pytest.TempPathFactory) -> Code:
    """The release before."""
    return releases.ONE_SCHEMA.unpack(tmp_path_factory.mktemp("before"))


@pytest.fixture
def database(servers: Stack) -> Iterator[str]:
    """The address of an empty database."""
    yield servers.postgres.create_database("aged")
    servers.postgres.drop_database("aged")


@pytest.fixture(scope="module")
def fresh(servers: Stack) -> Iterator[dict[str, set[tuple[str, ...]]]]:
    """The tables of a new installation."""
    url = servers.postgres.create_database("fresh")
    migrate(url)
    yield tables(url)
    servers.postgres.drop_database("fresh")


def migrate(url: str, *arguments: str) -> None:
    done = run_command(url, "bellhop-migrate", *arguments)
    assert done.returncode == 0, done.stderr


def tables(url: str) -> dict[str, set[tuple[str, ...]]]:
    """What a database says of the tables in each schema of ours."""
    plugins = [plugin.name for plugin in plugins_of(Settings.load()) if plugin.migrations]
    return {schema: catalog(url, schema) for schema in ["bellhop", *plugins]}


@pytest.mark.parametrize("revision", AGES)
def test_an_installation_ends_with_the_tables_of_a_new_one(
    code: Code, database: str, fresh: dict[str, set[tuple[str, ...]]], revision: str
) -> None:
    run_python(MIGRATE.format(verb="upgrade", revision=revision), database, **code.env)

    migrate(database)
    migrate(database, "--contract")

    assert tables(database) == fresh
