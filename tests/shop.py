"""An application: it has a login and tables of its own in the database, and submits jobs in SQL."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg2
from psycopg2.extensions import cursor as Cursor  # noqa: N812  a class

from bellhop_ledger.migrations.sql_submit import ROLE
from tests.stack import Stack

LOGIN = "shop"
MAKE = f"""
DO $$ BEGIN IF to_regrole('{LOGIN}') IS NULL THEN CREATE ROLE {LOGIN} LOGIN PASSWORD '{LOGIN}'; END IF; END $$;
GRANT {ROLE} TO {LOGIN};
"""


def open_shop(stack: Stack) -> str:
    """Make the login and return the address with which it connects."""
    stack.sql(MAKE)
    return stack.postgres.url.replace(f"//bellhop:{stack.postgres.password}@", f"//{LOGIN}:{LOGIN}@")


@contextmanager
def transaction_of(url: str) -> Iterator[Cursor]:
    """Open a transaction of the application; it commits at the end."""
    with closing(psycopg2.connect(url)) as connection, connection, connection.cursor() as cursor:
        yield cursor


def run(url: str, statement: str, *values: Any) -> list[Any]:
    """Run a statement as the application and return the first column of its rows."""
    with transaction_of(url) as cursor:
        cursor.execute(statement, values or None)
        return [row[0] for row in cursor.fetchall()] if cursor.description else []


def submit(url: str, task: str, args: dict[str, Any] | None = None, more: str = "", *values: Any) -> str:
    """Submit a job and return its id; `more` are further parameters in SQL."""
    call = f"SELECT bellhop.submit(%s, %s{', ' + more if more else ''})"
    [id] = run(url, call, task, json.dumps(args or {}), *values)
    return str(id)


def submit_many(url: str, jobs: Any) -> list[str]:
    """Submit jobs together and return their ids."""
    return [str(id) for id in run(url, "SELECT bellhop.submit_many(%s)", json.dumps(jobs))]
