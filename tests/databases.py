"""Databases of tests: engines whose sessions look into certain schemas, and commands that change one."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, create_engine, make_url, text

from bellhop_ledger.migrations.schemas import PLATFORM_VERSIONS, PLUGIN_VERSIONS

BIN = Path(sys.executable).parent

MIGRATE = """
from alembic import command
from bellhop_ledger.migrations import branches
from bellhop_ledger.migrations import old_home
from bellhop_ledger.migrations.session import exclusive
ensure_schema = getattr(old_home, "ensure_schema", None) or old_home.settle  # its name in older releases
platform = branches.platform()
with exclusive() as connection:
    ensure_schema(connection, platform.schema)
    command.{verb}(platform.config(connection), "{revision}")
"""


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


@contextmanager
def connected(url: str, *schemas: str) -> Iterator[Connection]:
    """Open a connection that looks for tables in these schemas."""
    options = {"options": f"-csearch_path={','.join(schemas)}"}
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg2"), connect_args=options)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def catalog(url: str, schema: str = "bellhop") -> set[tuple[str, ...]]:
    """Everything that a database says of the tables in a schema."""
    with connected(url, schema, "bellhop", "public") as connection:
        rows = {tuple(row) for row in connection.execute(CATALOG)}
    return {row for row in rows if row[1] not in {PLATFORM_VERSIONS, PLUGIN_VERSIONS}}


def run_python(code: str, url: str, **settings: str) -> None:
    """Run code in a process of its own, for the engine of this one is tied to another database."""
    env = os.environ | {"DATABASE_URL": url, "MIGRATION_DATABASE_URL": "", "REDIS_URL": "redis://nowhere"} | settings
    subprocess.run([sys.executable, "-c", code], env=env, check=True, cwd=Path(__file__).parent)


def migrate(url: str, verb: str, revision: str) -> None:
    """Bring the platform's tables to a revision: the verb is upgrade or downgrade."""
    run_python(MIGRATE.format(verb=verb, revision=revision), url)


def run_command(url: str, *argv: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command of ours as the owner of a database."""
    addresses = {"DATABASE_URL": url, "MIGRATION_DATABASE_URL": "", "REDIS_URL": "redis://nowhere"}
    env = os.environ | addresses | {"APP_ENV": "test"} | settings
    return subprocess.run([BIN / argv[0], *argv[1:]], env=env, capture_output=True, text=True, check=False)


def run_migrate(url: str, *arguments: str, **settings: str) -> str:
    """Run `bellhop-migrate` as the owner of a database, and return its log."""
    done = run_command(url, "bellhop-migrate", *arguments, **settings)
    assert done.returncode == 0, done.stderr
    return done.stderr
