"""The tables: models and migrations say the same, for the platform and for each plug-in."""

import tomllib
from importlib import import_module

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, text
from sqlalchemy.schema import CreateSchema

from bellhop.plugin import Plugin
from bellhop_ledger.migrations.schemas import PLUGIN_VERSIONS
from bellhop_ledger.migrations.tables import metadata
from bellhop_ledger.platform.database import metadata_of
from bellhop_ledger.platform.settings import Settings
from bellhop_ledger.tasks.plugins import plugins_of
from tests.databases import catalog, connected, migrate, run_command
from tests.stack import ROOT, Stack

PARTITIONS = {"unfinished_jobs", "ended_jobs", "kept_jobs"}
"""Alembic sees tables in them; the catalog is compared with what the models make."""


@pytest.fixture(scope="module")
def migrated(servers: Stack) -> str:
    """The address of a database with the migrated schemas and nothing else."""
    url = servers.postgres.create_database("migrated")
    done = run_command(url, "bellhop-migrate")
    assert done.returncode == 0, done.stderr
    return url


def differences(url: str, models: MetaData) -> list[object]:
    """What Alembic would change in the models' schema to make it what they say."""
    options = {
        "compare_type": True,
        "compare_server_default": True,
        "include_schemas": models.schema is not None,
        "include_name": lambda name, kind, _: kind != "schema" or name == models.schema,
        "include_object": lambda _thing, name, kind, _reflected, _model: kind != "table" or name not in PARTITIONS,
        "version_table": PLUGIN_VERSIONS if models.schema else "alembic_version",
        "version_table_schema": models.schema,
    }
    with connected(url, "bellhop") as connection:
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), models))


def plugins_with_tables() -> list[Plugin]:
    return [plugin for plugin in plugins_of(Settings.load()) if plugin.migrations]


def models_of(plugin: Plugin) -> MetaData:
    """The models of a plug-in stand beside its migrations, in `tables`."""
    assert plugin.migrations
    import_module(f"{plugin.migrations.partition(':')[0]}.tables")
    return metadata_of(plugin.name)


def test_the_models_are_what_alembic_finds_in_the_migrated_schema(migrated: str) -> None:
    assert differences(migrated, metadata) == []


def test_the_models_of_each_plugin_are_what_alembic_finds_in_its_schema(migrated: str) -> None:
    for plugin in plugins_with_tables():
        assert differences(migrated, models_of(plugin)) == [], plugin.name


def test_the_models_make_the_same_schemas_down_to_checks_and_indexes(servers: Stack, migrated: str) -> None:
    url = servers.postgres.create_database("modelled")
    made = {"bellhop": metadata} | {plugin.name: models_of(plugin) for plugin in plugins_with_tables()}

    for schema, models in made.items():
        with connected(url, schema, "bellhop", "public") as connection:
            connection.execute(CreateSchema(schema))
            models.create_all(connection)
            connection.commit()

    for schema in made:
        assert catalog(url, schema) == catalog(migrated, schema)


def test_the_migrations_go_down_to_nothing_and_up_again(servers: Stack) -> None:
    url = servers.postgres.create_database("down_and_up")
    migrate(url, "upgrade", "head")
    before = catalog(url)

    migrate(url, "downgrade", "base")
    assert catalog(url) == set()
    migrate(url, "upgrade", "head")

    assert catalog(url) == before


def test_nothing_of_ours_is_in_public(migrated: str) -> None:
    with connected(migrated, "public") as connection:
        assert catalog(migrated, "public") == set()
        assert connection.scalar(text("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace")) == 0


def test_the_release_after_the_first_one_drops_the_views_for_those_before_it() -> None:
    version = tomllib.loads((ROOT / "ledger/pyproject.toml").read_text())["project"]["version"]
    migrations = (ROOT / "ledger/src/bellhop_ledger/migrations/versions").glob("*.py")

    assert version == "0.1.0" or any("drop_left(" in migration.read_text() for migration in migrations)
