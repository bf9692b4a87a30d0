"""Submitting in a connection or session of one's own, with each library, as a login that may only submit."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from bellhop_client import (
    AsyncClient,
    AsyncTransaction,
    BellhopError,
    Client,
    Conflict,
    Invalid,
    JobRequest,
    Transaction,
)
from tests.loops import LoopThread
from tests.own_connections import Own, with_psycopg, with_psycopg_awaited
from tests.stack import Stack

LATER = datetime(2037, 1, 31, 9, 30, tzinfo=UTC)
ADDITION = {"a": 5, "b": 7}
LOGIN = "my_app"
ONLY_OURS = """
import json, sys
from bellhop_client import Transaction
try:
    Transaction(object())
except TypeError as error:
    print(json.dumps([str(error), sorted({name.partition(".")[0] for name in sys.modules} - sys.stdlib_module_names)]))
"""


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A whole system with a login for an application."""
    made = Stack(tmp_path_factory.mktemp("shared"))
    try:
        made.start("web", "worker", "scheduler")
        made.sql(f"CREATE ROLE {LOGIN} LOGIN PASSWORD 'sesame' IN ROLE bellhop_submitter")
        yield made
    finally:
        made.stop()


@pytest.fixture
def url(system: Stack) -> str:
    _, _, place = system.postgres.url.partition("@")
    return f"postgresql://{LOGIN}:sesame@{place}"


@pytest.fixture
def transaction(own: Any, awaited: Callable[[Any], Any]) -> Any:
    """What submits in that connection or session."""
    if isinstance(own, Own):
        return Client("http://127.0.0.1:1", "none").on(own.connection)
    return awaited(AsyncTransaction(own._made.connection))


def test_a_job_is_there_with_the_commit_and_not_before(transaction: Any, own: Any, system: Stack) -> None:
    id = transaction.submit("test.add", ADDITION)
    assert isinstance(id, UUID)
    assert system.http.get(f"/api/jobs/{id}").status_code == 404

    own.commit()

    assert system.ended(str(id))["result"] == 12


def test_after_a_rollback_there_is_no_job(transaction: Any, own: Any, system: Stack) -> None:
    ids = [transaction.submit("test.add", ADDITION), *transaction.submit_many([JobRequest("test.noop")] * 2)]

    own.rollback()

    assert [system.http.get(f"/api/jobs/{id}").status_code for id in ids] == [404] * 3


def test_a_job_has_all_that_was_asked_for(transaction: Any, own: Any, system: Stack) -> None:
    id = transaction.submit(
        "test.flexible", {"seconds": 0.5}, run_at=LATER, priority=9, queue="slow", tags=["order:7", "urgent"],
        label='"Order", {7}', expires=LATER + timedelta(hours=1), max_attempts=2, timeout=timedelta(seconds=30),
    )  # fmt: skip
    own.commit()

    job = system.job(str(id))
    assert (job["run_at"], job["expires"]) == ("2037-01-31T09:30:00Z", "2037-01-31T10:30:00Z")
    assert (job["args"]["seconds"], job["priority"], job["queue"]) == (0.5, 9, "slow")
    assert (job["tags"], job["label"]) == (["order:7", "urgent"], '"Order", {7}')
    assert (job["max_attempts"], job["timeout"]) == (2, 30)


def test_a_delay_is_counted_from_the_beginning_of_the_transaction(transaction: Any, own: Any, system: Stack) -> None:
    id = transaction.submit("test.noop", delay=timedelta(hours=1, milliseconds=500))
    own.commit()

    job = system.job(str(id))
    due, made = (datetime.fromisoformat(job[name]) for name in ("run_at", "created_at"))
    assert (due - made).total_seconds() == pytest.approx(3600.5, abs=0.001)


def test_ids_of_many_come_in_their_order_and_are_the_same_again(transaction: Any, own: Any, system: Stack) -> None:
    key = uuid4().hex
    wanted = [JobRequest("test.add", {"a": n, "b": 0}, run_at=LATER) for n in range(5)]

    ids, again = transaction.submit_many(wanted, key=key), transaction.submit_many(wanted, key=key)
    own.commit()

    assert ids == again
    assert [system.job(str(id))["args"]["a"] for id in ids] == list(range(5))
    assert transaction.submit_many([]) == []


def test_a_job_of_many_may_have_a_key_of_its_own(transaction: Any, own: Any) -> None:
    wanted = JobRequest("test.noop", run_at=LATER, key=uuid4().hex)

    [first], [other, again] = (transaction.submit_many(jobs) for jobs in ([wanted], [JobRequest("test.noop"), wanted]))
    own.rollback()

    assert first == again != other


def test_a_refusal_names_the_field_at_fault(transaction: Any, own: Any) -> None:
    with pytest.raises(Invalid) as refused:
        transaction.submit("test.add", {"a": 5})

    assert refused.value.errors == {"args.b": "is required"}
    assert str(refused.value) == "422 Unprocessable Content: args.b: is required"
    assert refused.value.__cause__ is not None
    own.rollback()


def test_an_unknown_task_is_refused_with_those_that_are_like_it(transaction: Any, own: Any) -> None:
    with pytest.raises(Invalid, match=r"jobs\.1\.task: there is no task 'test\.ad'; is 'test\.add'"):
        transaction.submit_many([JobRequest("test.add", ADDITION), JobRequest("test.ad")])
    own.rollback()


def test_a_key_makes_one_job_and_is_a_conflict_for_another(transaction: Any, own: Any) -> None:
    key = uuid4().hex

    first, second = (transaction.submit("test.add", ADDITION, run_at=LATER, key=key) for _ in range(2))

    assert first == second
    with pytest.raises(Conflict):
        transaction.submit("test.add", ADDITION, run_at=LATER, key=key, priority=9)
    own.rollback()


def test_what_else_the_database_refuses_is_an_error_of_the_driver(transaction: Any, own: Any, system: Stack) -> None:
    system.sql(f"REVOKE bellhop_submitter FROM {LOGIN}")
    try:
        with pytest.raises(Exception, match="permission denied") as raised:
            transaction.submit("test.noop")
    finally:
        system.sql(f"GRANT bellhop_submitter TO {LOGIN}")

    assert not isinstance(raised.value, BellhopError)
    own.rollback()


def test_each_client_takes_connections_of_its_kind(url: str, loop: LoopThread) -> None:
    blocking, asynchronous = with_psycopg(url), loop.run(with_psycopg_awaited(url))

    with pytest.raises(TypeError, match=r"connection: is asynchronous; AsyncClient\.on\(\) takes it"):
        Transaction(asynchronous.connection)
    with pytest.raises(TypeError, match=r"connection: is not asynchronous; Client\.on\(\) takes it"):
        AsyncClient("http://127.0.0.1:1", "none").on(blocking.connection)

    blocking.close()
    loop.run(asynchronous.close())


def test_the_name_of_a_schema_is_no_place_for_sql(url: str) -> None:
    own = with_psycopg(url)

    with pytest.raises(ValueError, match="schema: must be the name of a schema"):
        Transaction(own.connection, schema='bellhop"; DROP TABLE invoices; --')

    own.close()


def test_a_library_that_is_not_there_is_not_looked_for() -> None:
    done = subprocess.run([sys.executable, "-c", ONLY_OURS], capture_output=True, text=True, check=True)
    words, packages = json.loads(done.stdout)

    assert words.startswith("connection: is a object; it must be a connection or session of psycopg")
    assert "bellhop_client" in packages
    assert not {"psycopg", "psycopg2", "asyncpg", "sqlalchemy", "django", "httpx"} & set(packages)
