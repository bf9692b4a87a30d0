"""The tables: models and migrations say the same."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.schema import CreateSchema

from bellhop_ledger.migrations.tables import metadata
from tests.databases import connected, migrate, run_command
from tests.stack import Stack

CATALOG = text("""
    SELECT 'column', table_name, column_name, data_type, character_maximum_length::text, is_nullable, column_default
    FROM information_schema.columns WHERE table_schema = current_schema()
    UNION ALL
    SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), NULL, NULL, NULL
    FROM pg_constraint WHERE connamespace = current_schema()::regnamespace
    UNION ALL
    SELECT 'index', tablename, indexname, indexdef, NULL, NULL, NULL FROM pg_indexes WHERE schemaname = current_schema()
    UNION ALL
    SELECT 'options', relname, array_to_string(reloptions, ','), NULL, NULL, NULL, NULL
    FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r'
""")


def catalog(url: str, schema: str = "bellhop") -> set[tuple[str, ...]]:
    """Everything that a database says of the tables in a schema."""
    with connected(url, schema, "bellhop", "public") as connection:
        rows = {tuple(row) for row in connection.execute(CATALOG)}
    return {row for row in rows if row[1] != "alembic_version"}


@pytest.fixture(scope="module")
def migrated(servers: Stack) -> str:
    """The address of a database with the migrated schema and nothing else."""
    url = servers.postgres.create_database("migrated")
    done = run_command(url, "bellhop-migrate")
    assert done.returncode == 0, done.stderr
    return url


def test_the_models_are_what_alembic_finds_in_the_migrated_schema(migrated: str) -> None:
    options = {"compare_type": True, "compare_server_default": True}

    with connected(migrated, "bellhop") as connection:
        differences = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)

    assert differences == []


def test_the_models_make_the_same_schema_down_to_checks_and_indexes(servers: Stack, migrated: str) -> None:
    url = servers.postgres.create_database("modelled")
    with connected(url, "bellhop", "public") as connection:
        connection.execute(CreateSchema("bellhop"))
        metadata.create_all(connection)
        connection.commit()

    assert catalog(url) == catalog(migrated)


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
