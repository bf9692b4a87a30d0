"""Schemas of ours: the platform's, those of plug-ins, and whether one that is there already is somebody else's."""

from psycopg2.errors import InsufficientPrivilege
from sqlalchemy import Connection, text
from sqlalchemy.exc import ProgrammingError

from bellhop_ledger.migrations.moving import quoted
from bellhop_ledger.platform.settings import SettingsError

PLATFORM_VERSIONS = "alembic_version"
PLUGIN_VERSIONS = "bellhop_version"
"""The table of a plug-in's revision; that its schema has one says that we made it."""

EXISTS = text("SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = :schema)")
PLUGIN_SCHEMAS = text("""
    SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relname = :versions AND c.relkind = 'r' AND n.nspname <> :platform ORDER BY n.nspname
""")
HOLDS_JOBS = """
    c.relname = 'jobs' AND c.relkind IN ('r', 'p') AND (
        SELECT count(*) FROM pg_attribute a WHERE a.attrelid = c.oid AND NOT a.attisdropped
        AND a.attname IN ('lease', 'lease_expires_at', 'max_attempts', 'suspect', 'queued_at')
    ) = 5 AND (EXISTS (
        SELECT FROM pg_constraint f JOIN pg_class l ON l.oid = f.conrelid AND l.relname = 'live_jobs'
        WHERE f.contype = 'f' AND f.confrelid = c.oid AND l.relnamespace = c.relnamespace
    ) OR EXISTS (
        SELECT FROM pg_inherits i JOIN pg_class u ON u.oid = i.inhrelid AND u.relname = 'unfinished_jobs'
        WHERE i.inhparent = c.oid AND u.relnamespace = c.relnamespace
    ))
"""
"""How we know our tables from those of an application, which may be called the same."""
OURS = text(f"""
    SELECT n.nspname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ANY(:schemas) AND {HOLDS_JOBS} ORDER BY array_position(:schemas, n.nspname::text)
""")
OTHER_TABLES = text("""
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = :schema AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relname <> :versions
    ORDER BY c.relname LIMIT 1
""")


def holding_jobs(connection: Connection, schemas: list[str]) -> list[str]:
    """Return which of these schemas hold the tables of a Bellhop, in their order."""
    return list(connection.scalars(OURS, {"schemas": schemas}))


def plugin_schemas(connection: Connection, platform: str) -> list[str]:
    """Return the schemas that plug-ins have in this database, whether these are installed or not."""
    return list(connection.scalars(PLUGIN_SCHEMAS, {"versions": PLUGIN_VERSIONS, "platform": platform}))


def claim_platform_schema(connection: Connection, schema: str) -> None:
    """Create the platform's schema, or see that the one that is there is ours. Raises SettingsError."""
    _create(connection, schema)
    if not holding_jobs(connection, [schema]):
        _refuse_tables(connection, schema, PLATFORM_VERSIONS, "DATABASE_SCHEMA", "name another schema")


def claim_plugin_schema(connection: Connection, schema: str, platform: str) -> None:
    """Create a plug-in's schema, or see that the one that is there is its own. Raises SettingsError."""
    _create(connection, schema)
    if schema not in plugin_schemas(connection, platform):
        _refuse_tables(connection, schema, PLUGIN_VERSIONS, f"plug-in {schema}", "rename it, or leave the plug-in out")


def _create(connection: Connection, schema: str) -> None:
    """Create it unless it is there: whoever may not create schemas can still be given one."""
    if connection.scalar(EXISTS, {"schema": schema}):
        return
    try:
        connection.exec_driver_sql(f"CREATE SCHEMA {quoted(schema)}")
    except ProgrammingError as error:
        if not isinstance(error.orig, InsufficientPrivilege):
            raise
        role = connection.engine.url.username
        raise SettingsError(
            f"the role {role} may not create the schema {schema}; let an administrator run "
            f"CREATE SCHEMA {schema} AUTHORIZATION {role}"
        ) from None


def _refuse_tables(connection: Connection, schema: str, versions: str, whose: str, advice: str) -> None:
    if found := connection.scalar(OTHER_TABLES, {"schema": schema, "versions": versions}):
        raise SettingsError(
            f"{whose}: the schema {schema} has tables that are not Bellhop's, such as {found}; {advice}"
        )
