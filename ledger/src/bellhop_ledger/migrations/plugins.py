"""The tables of plug-ins: brought up to date after the platform's, listed, and dropped with their plug-in."""

from collections.abc import Iterable

from sqlalchemy import Connection, text

from bellhop_ledger.migrations.branches import Branch, upgrade
from bellhop_ledger.migrations.moving import drop_left, quoted
from bellhop_ledger.migrations.schemas import PLUGIN_VERSIONS, claim_plugin_schema
from bellhop_ledger.migrations.session import drop, lock_tables

TABLES = text(
    "SELECT tablename FROM pg_tables WHERE schemaname = :schema AND tablename <> :versions ORDER BY tablename"
)


def upgrade_plugins(connection: Connection, plugins: Iterable[Branch], platform: str) -> None:
    """Run the missing migrations of each plug-in, in a schema of its name. Raises SettingsError if that is taken."""
    for branch in plugins:
        with connection.begin():
            claim_plugin_schema(connection, branch.schema, platform)
        upgrade(connection, branch)


def tables_of(connection: Connection, plugin: str) -> list[str]:
    """Return the names of a plug-in's tables."""
    return list(connection.scalars(TABLES, {"schema": plugin, "versions": PLUGIN_VERSIONS}))


def drop_tables(connection: Connection, plugin: str) -> None:
    """Drop a plug-in's tables and its schema; Raises NeededError for what needs them."""
    drop_left(connection, [plugin])
    tables = [quoted(plugin, table) for table in [*tables_of(connection, plugin), PLUGIN_VERSIONS]]
    lock_tables(connection, tables)
    drop(connection, f"DROP TABLE {', '.join(tables)}")
    connection.exec_driver_sql(f"DROP SCHEMA {quoted(plugin)} CASCADE")
