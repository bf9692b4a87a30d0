"""The outbox as an application sees it: its table, and what is written into it, with each library."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.ext.asyncio import create_async_engine

from bellhop_client import JobRequest
from bellhop_client.outbox import AsyncOutbox, Outbox, create, drop, run_sql
from tests.loops import LoopThread
from tests.own_connections import Own, with_django
from tests.own_database import OwnDatabase

LATER = datetime(2037, 1, 31, 9, 30, tzinfo=UTC)
ROWS = "SELECT key, task, args, options FROM bellhop_outbox ORDER BY number"
TABLES = "SELECT count(*) FROM pg_tables WHERE tablename = 'bellhop_outbox'"
COLUMNS = """
SELECT column_name, data_type, is_nullable, column_default FROM information_schema.columns
WHERE table_name = 'bellhop_outbox' ORDER BY ordinal_position
"""
WITHOUT_HTTPX = """
import json, sys
import bellhop_client.outbox
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules} - sys.stdlib_module_names)))
"""


@pytest.fixture
def url(store: OwnDatabase) -> str:
    return store.url


@pytest.fixture
def outbox(own: Any, awaited: Callable[[Any], Any]) -> Any:
    """What writes in that connection or session."""
    return Outbox(own.connection) if isinstance(own, Own) else awaited(AsyncOutbox(own._made.connection))


def test_a_job_is_in_the_outbox_with_the_commit_and_not_before(outbox: Any, own: Any, store: OwnDatabase) -> None:
    key = outbox.submit("invoices.render", {"invoice_id": 7})
    assert store.waiting() == 0

    own.commit()

    assert store.sql(ROWS) == [(key, "invoices.render", {"invoice_id": 7}, {})]


def test_after_a_rollback_there_is_no_job(outbox: Any, own: Any, store: OwnDatabase) -> None:
    outbox.submit("invoices.render", {"invoice_id": 7})
    outbox.submit_many([JobRequest("invoices.render", {"invoice_id": n}) for n in range(3)])

    own.rollback()

    assert store.sql(ROWS) == []


def test_many_are_written_in_their_order_with_all_that_was_asked_for(outbox: Any, own: Any, store: OwnDatabase) -> None:
    said: dict[str, Any] = {"priority": 9, "queue": "slow", "tags": ["a", "b"], "label": '"It\'s" 100 % {ö} :x'}
    jobs = [
        JobRequest("a.task", {"n": n, "at": LATER}, run_at=LATER, timeout=timedelta(minutes=1), **said) for n in (1, 2)
    ]

    keys = outbox.submit_many([*jobs, JobRequest("b.task", key="mine")])
    own.commit()

    options = said | {"run_at": LATER.isoformat(), "timeout": 60}
    assert store.sql(ROWS) == [
        (keys[0], "a.task", {"n": 1, "at": LATER.isoformat()}, options),
        (keys[1], "a.task", {"n": 2, "at": LATER.isoformat()}, options),
        ("mine", "b.task", {}, {}),
    ]
    assert keys[2] == "mine"


def test_what_was_refused_is_shown_and_released(outbox: Any, own: Any, store: OwnDatabase) -> None:
    first, second, third = store.write(*(JobRequest("a.task", {"n": n}) for n in range(3)))
    store.sql("UPDATE bellhop_outbox SET refused_at = now(), refusal = 'args.n: is odd' WHERE key <> %s", third)

    refused = outbox.refused()
    released = outbox.release(first), outbox.release(first, third), outbox.release()
    own.commit()

    assert [(one.key, one.task, one.args, one.refusal) for one in refused] == [
        (first, "a.task", {"n": 0}, "args.n: is odd"),
        (second, "a.task", {"n": 1}, "args.n: is odd"),
    ]
    assert refused[0].created_at < refused[0].refused_at
    assert released == (1, 0, 1)
    assert store.waiting() == 3


def test_a_delay_counts_from_the_call(store: OwnDatabase) -> None:
    before = datetime.now(UTC)
    store.write(JobRequest("a.task", delay=3600))
    after = datetime.now(UTC)

    [(options,)] = store.sql("SELECT options FROM bellhop_outbox")
    assert before <= datetime.fromisoformat(options["run_at"]) - timedelta(hours=1) <= after
    with pytest.raises(ValueError, match=r"^delay: must not be given together with run_at"):
        store.write(JobRequest("a.task", delay=3600, run_at=LATER))


def test_what_json_cannot_carry_is_refused_by_its_name(store: OwnDatabase) -> None:
    with pytest.raises(ValueError, match=r"^args\.what: cannot be sent as JSON"):
        store.write(JobRequest("a.task", {"what": object()}))


def test_a_statement_in_sql_writes_a_job(store: OwnDatabase) -> None:
    store.sql("""INSERT INTO bellhop_outbox (task, args) VALUES ('a.task', '{"n": 1}'), ('a.task', '{"n": 2}')""")

    [(first, *_), (second, *_)] = store.sql(ROWS)
    assert len({first, second}) == 2


@pytest.mark.parametrize("column", ["args", "options"])
def test_the_table_takes_nothing_but_objects(store: OwnDatabase, column: str) -> None:
    with pytest.raises(Exception, match=f"bellhop_outbox_{column}_check"):
        store.sql(f"INSERT INTO bellhop_outbox (task, {column}) VALUES ('a.task', '[1]')")


@contextmanager
def operations(url: str) -> Iterator[Operations]:
    """The `op` of a migration of Alembic."""
    engine = sqlalchemy.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        yield Operations(MigrationContext.configure(connection))
    engine.dispose()


def test_alembic_makes_the_same_table_and_drops_it(store: OwnDatabase) -> None:
    before = store.sql(COLUMNS)
    with operations(store.url) as op:
        drop(op)
    assert store.sql(TABLES) == [(0,)]

    with operations(store.url) as op:
        create(op)

    assert store.sql(COLUMNS) == before


def test_alembic_makes_it_with_asyncpg_as_well(store: OwnDatabase, loop: LoopThread) -> None:
    async def migrate() -> None:
        engine = create_async_engine(store.url.replace("postgresql:", "postgresql+asyncpg:"))
        async with engine.begin() as connection:
            await connection.run_sync(lambda sync: both(Operations(MigrationContext.configure(sync))))
        await engine.dispose()

    def both(op: Operations) -> None:
        drop(op)
        create(op)

    loop.run(migrate())

    assert store.sql(TABLES) == [(1,)]


def test_a_migration_of_django_makes_the_same_table_and_drops_it(store: OwnDatabase) -> None:
    from django.db.migrations.state import ProjectState

    before, own, state = store.sql(COLUMNS), with_django(store.url), ProjectState()
    with own.connection.schema_editor(atomic=False) as editor:
        run_sql().database_backwards("billing", editor, state, state)
    own.commit()
    assert store.sql(TABLES) == [(0,)]

    with own.connection.schema_editor(atomic=False) as editor:
        run_sql().database_forwards("billing", editor, state, state)
    own.commit()
    own.close()

    assert store.sql(COLUMNS) == before


def test_an_import_loads_no_library() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT_HTTPX], capture_output=True, text=True, check=True)

    assert not {"psycopg", "psycopg2", "sqlalchemy", "django", "httpx"} & set(json.loads(done.stdout))
