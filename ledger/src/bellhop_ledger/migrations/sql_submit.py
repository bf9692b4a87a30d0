"""The functions by which other applications submit jobs in SQL, and the role that may call them and do nothing else.

Each migration creates them anew: those of a release fit its tables, and a restored database has lost their rights.
"""

from typing import Any

from sqlalchemy import Connection

from bellhop_ledger.ledger.in_sql.submit import OPEN, definitions
from bellhop_ledger.migrations.moving import quoted
from bellhop_ledger.migrations.session import drop
from bellhop_ledger.platform import log as logs

log = logs.get_logger(__name__)

ROLE = "bellhop_submitter"
"""It cannot sign in; logins of applications are granted it."""

# Roles belong to all databases of the server, and the migration of another one may be a moment ahead.
CREATE_ROLE = f"""
DO $$
BEGIN
    IF to_regrole('{ROLE}') IS NULL THEN CREATE ROLE {ROLE} NOLOGIN; END IF;
EXCEPTION WHEN insufficient_privilege OR duplicate_object OR unique_violation THEN NULL;
END $$
"""
SIGNATURES = """
SELECT proname, oidvectortypes(proargtypes), CAST(CAST(oid AS regprocedure) AS text) FROM pg_proc
WHERE pronamespace = CAST(current_schema() AS regnamespace) AND proname = ANY(%s)
"""
# What runs with the owner's rights is for nobody whom we do not name, and Postgres lets everybody call a new function.
# The application's role, which the release before has let in, is who may delete jobs.
KEEP_OUT = """
DO $$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT DISTINCT CAST(CAST(a.grantee AS regrole) AS text) FROM pg_class c, aclexplode(c.relacl) a
                WHERE c.oid = CAST('jobs' AS regclass) AND a.privilege_type = 'DELETE' AND a.grantee <> 0 LOOP
        EXECUTE format('GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA %I TO %s', current_schema(), name);
    END LOOP;
    FOR name IN SELECT CAST(CAST(oid AS regprocedure) AS text) FROM pg_proc
                WHERE pronamespace = CAST(current_schema() AS regnamespace) AND prosecdef LOOP
        EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', name);
    END LOOP;
END $$
"""
GRANT = f"""
GRANT USAGE ON SCHEMA {{schema}} TO {ROLE};
GRANT EXECUTE ON FUNCTION {", ".join(f"{name}({types})" for name, types in OPEN.items())} TO {ROLE}
"""


def install(connection: Connection, schema: str) -> None:
    """Create the functions of this release in the place of others, and let the role call them where it is there.

    Raises NeededError where something of somebody else needs a function whose parameters have changed.
    """
    with connection.begin():
        _execute(connection, CREATE_ROLE)
        _execute(connection, f"SET LOCAL search_path = {quoted(schema)}, pg_temp")
        _drop_others(connection)
        for statement in definitions(quoted(schema)):
            _execute(connection, statement)
        _execute(connection, KEEP_OUT)
        if _execute(connection, f"SELECT to_regrole('{ROLE}') IS NOT NULL") == [(True,)]:
            _execute(connection, GRANT.format(schema=quoted(schema)))
        else:
            log.info("role_is_missing", role=ROLE, hint=f"CREATE ROLE {ROLE}; then run bellhop-migrate again")


def _drop_others(connection: Connection) -> None:
    """Drop the functions with other parameters: beside the new ones, Postgres would not know which one is meant."""
    for name, types, signature in _execute(connection, SIGNATURES, list(OPEN)):
        if types != OPEN[name]:
            drop(connection, f"DROP FUNCTION {signature}")


def _execute(connection: Connection, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """Run a statement as it is: in functions, signs that SQLAlchemy would read as parameters mean something else."""
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor:
        cursor.execute(statement, values or None)
        return list(cursor.fetchall()) if cursor.description else []
