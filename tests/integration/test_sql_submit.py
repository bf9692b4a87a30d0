"""bellhop.submit() in SQL: what a job becomes, what is refused, and what the caller may do besides."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg2
import pytest
from psycopg2.errors import InsufficientPrivilege, UniqueViolation

from bellhop.limit_key import limit_key_of
from bellhop.overrides import Overrides
from bellhop_ledger.ledger import control, holds
from bellhop_ledger.ledger.holds import Kind
from bellhop_ledger.ledger.in_sql.fields import KINDS
from bellhop_ledger.ledger.in_sql.submit import LARGEST_BATCH, OPEN
from bellhop_ledger.ledger.in_sql.tasks import LARGEST_JOB
from bellhop_ledger.ledger.submit import NewJob, submit_all
from bellhop_ledger.ledger.tables import Job, State
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.tasks.known import known_tasks
from bellhop_web.http.limits import LARGE, SMALL
from bellhop_web.jobs.wanted import BatchJob
from tests.locks import someone_waits
from tests.shop import open_shop, run, submit, submit_many, transaction_of
from tests.stack import Stack

FAR = datetime(2090, 1, 1, tzinfo=UTC)
SAME = (
    *("task", "args", "queue", "priority", "max_attempts", "limit_key", "state", "run_at", "start_before", "timeout"),
    *("tags", "label", "user_id", "parent", "schedule", "request_id", "trace_context", "blocked_by"),
)
"""The columns of a job that are alike whoever has submitted it."""


@pytest.fixture
def shop(ledger: Stack) -> str:
    """The address with which an application connects."""
    return open_shop(ledger)


def job(id: str) -> Job:
    with transaction() as db:
        return control.find(db, UUID(id))


def in_python(task: str, args: dict[str, Any], run_at: datetime | None, **more: Any) -> Job:
    """The same job as HTTP and Python make it."""
    known_tasks().look_again()
    known = known_tasks()[task]
    new = NewJob(known, known.checked(args), run_at, overrides=Overrides(**more), request_id=None)
    with transaction() as db:
        return submit_all(db, [new], publish=False)[0]


ALL = {"queue": "slow", "max_attempts": 2, "timeout": 10.5, "tags": ["b", "a", "b"], "label": "Rechnung 7 für Ångström"}


@pytest.mark.parametrize(
    ("task", "args", "more"),
    [
        ("test.noop", {}, {}),
        ("test.add", {"a": 1, "b": 2}, {}),
        ("test.write", {"key": 'it\'s 100 % \\ "ö"'}, {}),
        ("test.note_down", {"what": [1, 2.5, None, {"a": True}]}, {"tags": ["tenant:7"]}),
        ("test.flexible", {"seconds": 0.5}, ALL),
        ("http.request", {"url": "https://WWW.Example.org.:8443/a?b#c", "retries": 2}, {}),
        ("http.request", {"url": "https://example.org", "headers": {"Accept": "text/plain"}}, {}),
    ],
)
def test_a_job_is_as_http_and_python_make_it(shop: str, task: str, args: dict[str, Any], more: dict[str, Any]) -> None:
    named = ", ".join(["run_at => %s", *(f"{name} => %s" for name in more)])

    ours = job(submit(shop, task, args, named, FAR, *more.values()))

    theirs = in_python(task, args, FAR, **more)
    assert {name: getattr(ours, name) for name in SAME} == {name: getattr(theirs, name) for name in SAME}
    assert (ours.submitter, ours.id.version) == ("sql:shop", 7)


def test_a_job_is_due_at_once_at_a_date_or_after_a_while(shop: str) -> None:
    now = job(submit(shop, "test.noop"))
    dated = job(
        submit(shop, "test.noop", {}, "run_at => '2089-12-31 23:00-01', expires => '2091-01-01', priority => 9")
    )
    later = job(submit(shop, "test.noop", {}, "delay => '1 hour'"))

    assert (now.state, now.run_at, now.queued_at) == (State.QUEUED, now.created_at, now.created_at)
    assert (dated.state, dated.run_at, dated.priority) == (State.SCHEDULED, FAR, 9)
    assert (later.state, (later.run_at - later.created_at).total_seconds()) == (State.SCHEDULED, 3600)


def test_a_job_is_committed_with_the_callers_rows_or_not_at_all(ledger: Stack, shop: str) -> None:
    with transaction_of(shop) as cursor:
        cursor.execute("SELECT bellhop.submit('test.write', '{\"key\": \"undone\"}')")
        cursor.connection.rollback()
    kept = submit(shop, "test.write", {"key": "kept"})

    assert ledger.sql("SELECT id::text FROM jobs") == [(kept,)]


MUCH = "x" * LARGEST_JOB
WRONG = {
    "task: is required": "NULL",
    "args.b: is required": """'test.add', '{"a": 1}'""",
    "args.colour: is not known here": """'test.noop', '{"colour": 1}'""",
    "args: must be an object": "'test.noop', '[1]'",
    "args: must have smaller numbers": """'test.note_down', '{"what": -1e400}'""",
    "args: must not be nested more than 100": f"""'test.note_down', '{{"what": {"[" * 100}{"]" * 100}}}'""",
    "args: must have at most 1,000,000 bytes": f"""'test.note_down', '{{"what": "{MUCH}"}}'""",
    "args: must name the host in ASCII, as DNS does": """'http.request', '{"url": "https://ä.example"}'""",
    "priority: must be at most 9": "'test.noop', priority => 10",
    "priority: must be at least 0": "'test.noop', priority => -1",
    "delay: must be at least 0": "'test.noop', delay => '-1 second'",
    "delay: must be at most 3153600000": "'test.noop', delay => '1 century 1 year'",
    "delay: must not be given together with run_at": "'test.noop', delay => '1 hour', run_at => '2090-01-01'",
    "run_at: must be a date in ISO 8601": "'test.noop', run_at => 'infinity'",
    "run_at: must be a date in ISO": "'test.noop', run_at => '10000-01-01'",
    "run_at: must be a date": "'test.noop', run_at => '0044-03-15 BC'",
    "expires: must lie in the future": "'test.noop', expires => '2020-01-01'",
    "expires: must lie after the date": "'test.noop', expires => '2090-01-01', run_at => '2090-01-01'",
    "key: must be 1 to 200 visible ASCII characters without a comma": "'test.noop', key => 'a,b'",
    "key: must be 1 to 200 visible": "'test.noop', key => ''",
    "tags: each must be 1 to 64 of letters, digits and": "'test.noop', tags => ARRAY['a b']",
    "tags: each must be 1 to 64": "'test.noop', tags => ARRAY[NULL]",
    "tags: must have at most 20 items": "'test.noop', tags => array_fill('a'::text, ARRAY[21])",
    "label: must be one line of text without invisible signs": "'test.noop', label => E'two\\nlines'",
    "label: must be one line of text": "'test.noop', label => U&'\\200B'",
    "label: must have at most 200 characters": "'test.noop', label => repeat('x', 201)",
    "queue: must not be set for jobs of this task, which allows: expires, label, tags": "'test.noop', queue => 'slow'",
    "queue: is not known: it must be one of default, ": "'test.flexible', queue => 'nowhere'",
    "max_attempts: must be at least 1": "'test.flexible', max_attempts => 0",
    "max_attempts: must be 1": """'test.flexible_atomic', '{"seconds": 1}', max_attempts => 2""",
    "timeout: must be greater than 0": "'test.flexible', timeout => 0",
    "timeout: must be a number": "'test.flexible', timeout => 'NaN'",
    "timeout: must be at most 60, the limit of the task": "'test.flexible', timeout => 61",
}


def refused(url: str, call: str) -> tuple[str | None, str | None, str]:
    """Submit what is refused, and return the SQLSTATE, the column and the message."""
    with pytest.raises(psycopg2.Error) as error:
        run(url, f"SELECT bellhop.submit({call})")
    return error.value.pgcode, error.value.diag.column_name, str(error.value.diag.message_primary)


@pytest.mark.parametrize("beginning", WRONG)
def test_what_is_wrong_is_refused_by_name(ledger: Stack, shop: str, beginning: str) -> None:
    state, field, message = refused(shop, WRONG[beginning])

    assert message.startswith(beginning)
    assert (state, field) == ("22023", beginning.partition(":")[0])
    assert ledger.sql("SELECT count(*) FROM jobs") == [(0,)]


def test_a_task_that_is_not_known_is_refused_with_those_that_are_like_it(shop: str) -> None:
    near = refused(shop, "'test.nop'")
    far = refused(shop, "'zzzz'")

    assert near[:2] == far[:2] == ("42704", "task")
    assert near[2].startswith("task: there is no task 'test.nop'; is 'test.noop' ")
    assert far[2] == "task: there is no task 'zzzz'; GET /api/tasks lists them"


def test_a_secret_is_refused_and_shown_the_way(shop: str) -> None:
    call = """'http.request', '{"url": "https://a.example", "headers": {"Authorization": "x"}}'"""

    words = "is a secret, which SQL cannot encrypt; submit this job with POST /api/jobs"
    assert refused(shop, call) == ("0A000", "args.headers", f"args.headers: {words}")


def test_text_that_postgres_cannot_store_is_refused_by_itself(shop: str) -> None:
    assert refused(shop, """'test.note_down', '{"what": "\\u0000"}'""")[0] == "22P05"


def test_before_a_worker_has_published_its_tasks_none_is_known(ledger: Stack) -> None:
    with pytest.raises(psycopg2.Error, match="task: no worker has published its tasks yet") as error:
        run(ledger.postgres.url, "DELETE FROM tasks; SELECT bellhop.submit('test.noop')")  # which is rolled back

    assert error.value.pgcode == "55000"


def test_the_same_key_gives_back_the_first_job(ledger: Stack, shop: str) -> None:
    wanted = ("test.add", {"a": 1, "b": 2}, "key => %s, delay => %s", "order-4711")

    first, again = submit(shop, *wanted, "1 hour"), submit(shop, *wanted, "60 minutes")

    assert first == again
    assert ledger.sql("SELECT count(*) FROM jobs") == [(1,)]
    assert submit(shop, "test.add", {"a": 1, "b": 2}, "key => 'order-4712', delay => '1 hour'") != first


@pytest.mark.parametrize("other", [{"a": 1, "b": 3}, {"a": 2, "b": 2}])
def test_a_key_is_refused_for_another_request(shop: str, other: dict[str, int]) -> None:
    submit(shop, "test.add", {"a": 1, "b": 2}, "key => 'order-4711'")

    with pytest.raises(UniqueViolation, match="key: was used before, for a different request"):
        submit(shop, "test.add", other, "key => 'order-4711'")


def test_who_comes_second_with_a_key_waits_for_the_first_and_gets_its_job(ledger: Stack, shop: str) -> None:
    with ThreadPoolExecutor(1) as pool:
        with transaction_of(shop) as cursor:
            cursor.execute("SELECT bellhop.submit('test.noop', key => 'order-4711')")
            [[first]] = cursor.fetchall()
            second = pool.submit(submit, shop, "test.noop", {}, "key => 'order-4711'")
            someone_waits(ledger, "%bellhop.submit%")

        assert second.result() == first


def test_a_key_belongs_to_its_login(ledger: Stack, shop: str) -> None:
    theirs = submit(shop, "test.noop", {}, "key => 'order-4711'")

    ours = submit(ledger.postgres.url, "test.noop", {}, "key => 'order-4711'")

    assert ours != theirs
    assert job(ours).submitter == "sql:bellhop"


def test_many_are_accepted_together_and_answered_in_their_order(shop: str) -> None:
    before = submit(shop, "test.noop", {}, "key => 'b'")
    wanted = [{"task": "test.write", "args": {"key": str(n)}} for n in range(3)]
    keyed = [{"task": "test.noop", "args": {}, "key": key} for key in "cba"]

    ids = submit_many(shop, [*wanted, *keyed, {"task": "test.noop", "delay": 3600, "label": None}])

    assert [job(id).args for id in ids[:3]] == [{"key": str(n), "seconds": 0.0} for n in range(3)]
    assert [job(id).idempotency_key for id in ids[3:]] == ["c", "b", "a", None]
    assert (ids[4], job(ids[6]).state) == (before, State.SCHEDULED)


@pytest.mark.parametrize(
    ("jobs", "message"),
    [
        ({}, "jobs: must be a list"),
        ([], "jobs: must have 1 to 10,000 items"),
        ([{"task": "test.noop"}] * 10_001, "jobs: must have 1 to 10,000 items"),
        ([{"task": "test.noop"}, 7], "jobs.1: must be an object"),
        ([{"task": "test.noop"}, {}], "jobs.1.task: is required"),
        ([{"task": "test.noop", "colour": 1}], "jobs.0.colour: is not known here"),
        ([{"task": "test.noop", "priority": "9"}], "jobs.0.priority: must be a number"),
        ([{"task": "test.noop", "priority": 5.5}], "jobs.0.priority: must be an integer"),
        ([{"task": "test.noop", "run_at": "tomorrow"}], "jobs.0.run_at: must be a date in ISO 8601"),
        ([{"task": "test.noop", "run_at": "2090-02-30"}], "jobs.0.run_at: must be a date in ISO 8601"),
        ([{"task": "test.noop"}, {"task": "test.add", "args": {"a": 1}}], "jobs.1.args.b: is required"),
        ([{"task": "test.noop", "key": "a"}, {"task": "test.noop_any", "key": "a"}], "jobs.1.key: was used before"),
    ],
)
def test_of_many_the_one_that_is_wrong_is_named_and_none_accepted(
    ledger: Stack, shop: str, jobs: Any, message: str
) -> None:
    with pytest.raises(psycopg2.Error, match=f"^{message}"):
        submit_many(shop, jobs)

    assert ledger.sql("SELECT count(*) FROM jobs") == [(0,)]


def test_a_date_without_an_offset_is_in_utc_whatever_the_session_says(shop: str) -> None:
    wanted = """SELECT bellhop.submit_many('[{"task": "test.noop", "run_at": "2090-01-01T00:00:00"}]')"""

    [id] = run(shop, f"SET timezone = 'Asia/Tokyo'; SET standard_conforming_strings = off; {wanted}")

    assert job(str(id)).run_at == FAR


def test_what_is_paused_waits(shop: str) -> None:
    with transaction() as db:
        holds.pause(db, Kind.HOST, "example.org", reason="The printer burns", by="user:ada")

    held = job(submit(shop, "http.request", {"url": "https://example.org/a"}))
    free = job(submit(shop, "http.request", {"url": "https://example.com/a"}))

    assert (held.state, held.blocked_by, free.state) == (State.BLOCKED, "host:example.org", State.QUEUED)


@pytest.mark.parametrize(
    "url",
    [
        "https://Example.org",
        "https://example.org.:443/a:b@c",
        "http://user:pass@word@example.org:80?x=//y",
        " \thttps://exam\nple.org#a@b ",
        "https://[2001:DB8::1]:8080/",
        "https://[2001:DB8::1",
        "//example.org/a",
        "example.org/a",
        "mailto:a@example.org",
        "https:///a",
        "https://",
        "",
        "https://example.org\\@evil.example/",
        "https://a..b",
    ],
)
def test_the_host_of_a_url_is_read_as_in_python(ledger: Stack, url: str) -> None:
    found = ledger.sql("SELECT bellhop.limit_key_of('host(args.url)', jsonb_build_object('url', %s::text))", url)

    assert found == [(limit_key_of("host(args.url)", {"url": url}),)]


def test_the_fields_and_sizes_are_those_of_http() -> None:
    assert KINDS.keys() == BatchJob.model_fields.keys()
    assert (LARGEST_JOB, LARGEST_BATCH) == (SMALL, LARGE)


CALLABLE = """
    SELECT proname FROM pg_proc
    WHERE pronamespace = 'bellhop'::regnamespace AND prosecdef AND has_function_privilege('shop', oid, 'EXECUTE')
"""
READABLE = """
    SELECT relname FROM pg_class
    WHERE relnamespace = 'bellhop'::regnamespace AND relkind IN ('r', 'p', 'v')
      AND has_table_privilege('shop', oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
"""


def test_with_the_rights_of_the_owner_the_login_may_call_these_functions_and_nothing_else(
    ledger: Stack, shop: str
) -> None:
    assert {name for (name,) in ledger.sql(CALLABLE)} == OPEN.keys()
    assert ledger.sql(READABLE) == []


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM bellhop.jobs",
        "INSERT INTO bellhop.jobs (task) VALUES ('test.noop')",
        "SELECT bellhop.drop_ended_day('2020-01-01')",
        "SELECT bellhop.add_ended_day('2020-01-01')",
        "CREATE TABLE bellhop.mine (id int)",
        "SET ROLE bellhop_app",
    ],
)
def test_the_login_may_not(shop: str, statement: str) -> None:
    with pytest.raises(InsufficientPrivilege):
        run(shop, statement)


def test_what_the_caller_calls_as_our_tables_and_functions_is_not_used(shop: str) -> None:
    with transaction_of(shop) as cursor:
        cursor.execute("CREATE TEMP TABLE tasks (name text); CREATE TEMP TABLE unfinished_jobs (id uuid)")
        cursor.execute("CREATE FUNCTION pg_temp.uuidv7() RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid'")
        cursor.execute("SET search_path = pg_temp, public; SELECT bellhop.submit('test.noop')")
        [[id]] = cursor.fetchall()

    assert job(id).state is State.QUEUED
