"""Databases of tests: engines whose sessions look into certain schemas, and commands that change one."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, create_engine, make_url

BIN = Path(sys.executable).parent

MIGRATE = """
from alembic import command
from bellhop_ledger.migrations import branches
from bellhop_ledger.migrations.old_home import settle
from bellhop_ledger.migrations.session import exclusive
platform = branches.platform()
with exclusive() as connection:
    settle(connection, platform.schema)
    command.{verb}(platform.config(connection), "{revision}")
"""


@contextmanager
def connected(url: str, *schemas: str) -> Iterator[Connection]:
    """Open a connection that looks for tables in these schemas."""
    options = {"options": f"-csearch_path={','.join(schemas)}"}
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg2"), connect_args=options)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def run_python(code: str, url: str) -> None:
    """Run code in a process of its own, for the engine of this one is tied to another database."""
    env = os.environ | {"DATABASE_URL": url, "MIGRATION_DATABASE_URL": "", "REDIS_URL": "redis://nowhere"}
    subprocess.run([sys.executable, "-c", code], env=env, check=True, cwd=Path(__file__).parent)


def migrate(url: str, verb: str, revision: str) -> None:
    """Bring the platform's tables to a revision: the verb is upgrade or downgrade."""
    run_python(MIGRATE.format(verb=verb, revision=revision), url)


def run_command(url: str, *argv: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a command of ours as the owner of a database."""
    addresses = {"DATABASE_URL": url, "MIGRATION_DATABASE_URL": "", "REDIS_URL": "redis://nowhere"}
    env = os.environ | addresses | {"APP_ENV": "test"} | settings
    return subprocess.run([BIN / argv[0], *argv[1:]], env=env, capture_output=True, text=True, check=False)
