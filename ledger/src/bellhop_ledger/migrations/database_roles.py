"""The application's role in Postgres: it reads and writes rows, and owns nothing that it could change or drop."""

from collections.abc import Mapping
from typing import Any

from psycopg2 import sql
from psycopg2.extensions import encrypt_password
from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session

from bellhop_ledger.platform.settings import SettingsError

LIMITS = {
    "statement_timeout": "30min",  # as long as the longest job may take
    "lock_timeout": "5min",
    "idle_in_transaction_session_timeout": "5min",
    "client_connection_check_interval": "5s",  # a pooler cuts the connection when the process behind it is gone
}
"""What Postgres ends of the application's; migrations and backups, which are the owner's, may take longer."""

LOCK = text("SELECT pg_advisory_xact_lock(hashtext('bellhop:roles'))")
FIND = text("""
    SELECT a.rolsuper OR pg_has_role(a.oid, d.datdba, 'MEMBER') AS owns,
           me.rolsuper OR pg_has_role(me.oid, a.oid, 'MEMBER WITH ADMIN OPTION') AS ours
    FROM pg_roles a, pg_roles me, pg_database d
    WHERE a.rolname = :name AND me.rolname = current_user AND d.datname = current_database()
""")
CREATE = sql.SQL("CREATE ROLE {role} LOGIN")
PASSWORD = sql.SQL("ALTER ROLE {role} LOGIN PASSWORD {password}")
LIMIT = sql.SQL("ALTER ROLE {role} SET {setting} = {value}")
ON_DATABASE = sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {role}")
"""Imports use temporary tables."""
ON_SCHEMA = (
    sql.SQL("GRANT USAGE ON SCHEMA {schema} TO {role}"),
    sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}"),
    sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {role}"),
    sql.SQL("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA {schema} TO {role}"),
    sql.SQL("REVOKE ALL ON {schema}.{versions} FROM {role}"),
    # What later migrations make, from the moment at which they make it.
    sql.SQL("ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}"),
    sql.SQL("ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT USAGE, SELECT ON SEQUENCES TO {role}"),
)

REVISION = sql.SQL("GRANT SELECT ON {schema}.{versions} TO {role}")


def let_in(db: Session, application: URL, schemas: Mapping[str, str]) -> None:
    """Create or update the role of this address, with its password and limits, and grant it what the application needs.

    The schemas are the platform's and those of plug-ins, each with its table of versions, which is not for the role.
    A role that somebody else has made keeps its password and limits. Raises SettingsError for one
    that could do what only the owner may.
    """
    db.execute(LOCK)
    name = str(application.username)
    found = db.execute(FIND, {"name": name}).one_or_none()
    if found and found.owns:
        raise SettingsError(f"DATABASE_URL: the role {name} must not be a superuser or the database's owner")
    if not found:
        _execute(db, CREATE, role=sql.Identifier(name))
    if not found or found.ours:
        _set_up(db, name, str(application.password))
    database = sql.Identifier(db.scalars(text("SELECT current_database()")).one())
    role = sql.Identifier(name)
    _execute(db, ON_DATABASE, role=role, database=database)
    for schema, versions in schemas.items():
        for grant in ON_SCHEMA:
            _execute(db, grant, role=role, schema=sql.Identifier(schema), versions=sql.Identifier(versions))


def let_read_revision(db: Session, application: URL, schema: str, versions: str) -> None:
    """Let the role of this address see which migrations have run, so that web can tell when some have not."""
    role = sql.Identifier(str(application.username))
    _execute(db, REVISION, role=role, schema=sql.Identifier(schema), versions=sql.Identifier(versions))


def _set_up(db: Session, name: str, password: str) -> None:
    """Set the password, as a hash, for the server may log what it is sent; and what Postgres ends of this role's."""
    hashed = encrypt_password(password, name, scope=_driver(db), algorithm="scram-sha-256")
    _execute(db, PASSWORD, role=sql.Identifier(name), password=sql.Literal(hashed))
    for setting, value in LIMITS.items():
        names = {"role": sql.Identifier(name), "setting": sql.Identifier(setting)}
        _execute(db, LIMIT, **names, value=sql.Literal(value))


def _execute(db: Session, statement: sql.SQL, **parts: sql.Composable) -> None:
    with _driver(db).cursor() as cursor:
        cursor.execute(statement.format(**parts))


def _driver(db: Session) -> Any:
    return db.connection().connection.driver_connection
