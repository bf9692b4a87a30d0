"""How the logs of jobs are written: one statement for many jobs, none for silent ones, and never too much."""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg2.extras import NamedTupleCursor
from sqlalchemy.exc import OperationalError

from bellhop.signature import Mode, Retry, Signature
from bellhop_ledger.ledger.claim import Claimed
from bellhop_ledger.ledger.finish import Outcome
from bellhop_ledger.ledger.job_logs import LINE_BYTES, MOST_BYTES, Lines, NewLines, read_log, write_logs
from bellhop_ledger.ledger.submit import NewJob, submit_all
from bellhop_ledger.ledger.tables import State
from bellhop_ledger.platform import clock, statements
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.statements import autocommit
from bellhop_worker.engine.binding import Body
from bellhop_worker.engine.execution import Executor
from bellhop_worker.engine.interrupts import Interrupts
from bellhop_worker.engine.runner import Runner
from bellhop_worker.engine.slot_table import SlotTable
from bellhop_worker.job_logs import writer
from bellhop_worker.job_logs.buffer import LogBuffer, current
from tests.locks import someone_waits, uncommitted
from tests.stack import Stack

pytestmark = pytest.mark.usefixtures("ledger")


def entries(*messages: str) -> list[dict[str, Any]]:
    """Lines as a worker writes them."""
    at = "2030-01-31T09:30:00+00:00"
    return [{"at": at, "level": "info", "logger": "acme", "attempt": 1, "message": message} for message in messages]


def write(id: UUID, *messages: str, lines: int | None = None) -> None:
    with autocommit() as db:
        write_logs(db, [NewLines(id, entries(*messages), lines or len(messages))])


def read(id: UUID, after: int = 0) -> Lines:
    with transaction() as db:
        return read_log(db, id, after=after)


def said(id: UUID) -> list[str]:
    return [entry["message"] for entry in read(id).entries]


def test_what_is_written_later_is_appended() -> None:
    id = uuid4()

    write(id, "first", "second")
    write(id, "third")

    found = read(id)
    assert said(id) == ["first", "second", "third"]
    assert (found.first, found.last, found.truncated) == (1, 3, 0)
    assert [(read(id, after).first, len(read(id, after).entries)) for after in (1, 2, 3, 9)] == [
        (2, 2), (3, 1), (4, 0), (10, 0),
    ]  # fmt: skip


def test_the_oldest_lines_go_when_there_are_too_many_bytes() -> None:
    id = uuid4()
    line = "é" * 500

    for _ in range(10):
        write(id, *[line] * 10)
    write(id, "newest")

    found = read(id)
    kept = (MOST_BYTES - LINE_BYTES - len("newest")) // (1000 + LINE_BYTES) + 1
    assert (len(found.entries), found.last, found.truncated) == (kept, 101, 101 - kept)
    assert (found.first, said(id)[-1]) == (102 - kept, "newest")
    assert read(id, after=5).first == found.first


def test_where_lines_are_missing_nothing_older_is_kept() -> None:
    id = uuid4()

    write(id, "old")
    write(id, "new", lines=1000)

    found = read(id)
    assert (said(id), found.first, found.truncated) == (["new"], 1001, 1000)


def test_many_jobs_are_written_by_one_statement(executed: list[str]) -> None:
    ids = [uuid4() for _ in range(100)]
    for word in ("one", "two"):
        with autocommit() as db:
            write_logs(db, [NewLines(id, entries(word), 1) for id in ids])

    assert [said(id) for id in ids] == [["one", "two"]] * 100
    assert len(executed) == 2


@pytest.fixture
def executed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements of the ledger that reach Postgres, without the run times that a worker notes now and then."""
    seen: list[str] = []

    class Counting(NamedTupleCursor):
        def execute(self, query: Any, vars: Any = None) -> Any:
            if "EXECUTE" in query and "%(measured)s" not in query:
                seen.append(query)
            return super().execute(query, vars)  # type: ignore[no-untyped-call]

    monkeypatch.setattr(statements, "NamedTupleCursor", Counting)
    return seen


@pytest.fixture
def runner(ledger: Stack) -> Iterator[Runner]:
    SlotTable.create(1)
    slots = SlotTable(os.environ["BELLHOP_SLOT_TABLE"], 1)
    yield Runner("w", slots, 0, Executor(Interrupts(slots, 0), keep=60), lease_seconds=60, budget=60)
    slots.remove()


def say(word: str) -> None:
    """Log something, as the handler of this process' logging would have it."""
    buffer = current.get()
    assert buffer
    buffer.add("info", "acme", word)


def body(mode: Mode, act: Callable[[], None]) -> Body:
    def stub() -> None:
        """Do it."""

    return Body(Signature("test.said", stub, mode=mode, retry=Retry(attempts=1), batch=100), act, {})


def submitted(one: Body, count: int) -> list[UUID]:
    with transaction() as db:
        return [job.id for job in submit_all(db, [NewJob(one.signature, {})] * count, publish=False)]


@pytest.mark.parametrize("mode", list(Mode))
def test_a_message_of_jobs_that_say_something_takes_as_many_statements_as_one_of_silent_jobs(
    runner: Runner, executed: list[str], mode: Mode
) -> None:
    counts = []
    for act in (lambda: None, lambda: say("hello")):
        ids = submitted(body(mode, act), 50)
        executed.clear()
        runner.run(body(mode, act), ids, suspect=False)
        counts.append(len(executed))

    assert counts == [2, 2]
    assert [said(id) for id in ids] == [["hello"]] * 50


def test_a_silent_job_has_no_row(runner: Runner, ledger: Stack) -> None:
    one = body(Mode.LEASED, lambda: None)

    runner.run(one, submitted(one, 3), suspect=False)

    assert ledger.sql("SELECT count(*) FROM job_logs") == [(0,)]


def test_lines_of_a_finish_that_fails_are_written_later_and_once() -> None:
    id = uuid4()
    buffer = LogBuffer(id, 1, writer.note)
    buffer.add("info", "acme", "hello")

    with suppress(OperationalError), writer.handing_over() as take:
        assert [new.lines for new in take([ended(id)])] == [1]
        raise OperationalError("COMMIT", None, Exception("the connection is gone"))
    writer.flush()
    writer.flush()

    assert said(id) == ["hello"]


def test_a_finish_waits_for_lines_that_are_being_written_so_that_none_comes_twice(ledger: Stack) -> None:
    id = uuid4()
    write(id, "before")
    buffer = LogBuffer(id, 1, writer.note)
    buffer.add("info", "acme", "while it runs")

    with uncommitted(ledger, "SELECT FROM job_logs WHERE job_id = %s FOR UPDATE", str(id)):
        flushing = Thread(target=writer.flush)
        flushing.start()
        someone_waits(ledger, "%EXECUTE%")
        buffer.add("info", "acme", "at the end")
        taken: list[int] = []
        finishing = Thread(target=lambda: finish(taken, id))
        finishing.start()
    flushing.join()
    finishing.join()

    assert (said(id), taken) == (["before", "while it runs", "at the end"], [1])


def ended(id: UUID) -> Outcome:
    """The end of a run of this job."""
    job = Claimed(id, "test.said", "{}", 1, 1, clock.now(), None, False)
    return Outcome(job, State.SUCCEEDED, clock.now())


def finish(taken: list[int], id: UUID) -> None:
    """Write the rest, as a finish does."""
    with writer.handing_over() as take, autocommit() as db:
        new = take([ended(id)])
        taken.extend(one.lines for one in new)
        write_logs(db, new)


def test_two_runs_of_one_job_are_written_one_after_the_other() -> None:
    id = uuid4()
    for attempt in (1, 2):
        LogBuffer(id, attempt, writer.note).add("info", "acme", f"attempt {attempt}")

    writer.flush()
    writer.flush()

    assert said(id) == ["attempt 1", "attempt 2"]


def test_lines_that_postgres_refuses_are_dropped_and_hold_nobody_up(ledger: Stack) -> None:
    refused, taken = (LogBuffer(uuid4(), 1, writer.note) for _ in range(2))
    ledger.sql("ALTER TABLE job_logs ADD CONSTRAINT picky CHECK (entries::text NOT LIKE '%refuse%') NOT VALID")
    try:
        refused.add("info", "acme", "refuse me")
        writer.flush()
    finally:
        ledger.sql("ALTER TABLE job_logs DROP CONSTRAINT picky")
    taken.add("info", "acme", "take me")
    writer.flush()

    assert (said(refused.job_id), said(taken.job_id)) == ([], ["take me"])
    assert refused.unwritten() is None


def test_logs_go_with_the_jobs_that_are_forgotten(ledger: Stack) -> None:
    assert ("job_logs", "job_id") in ledger.sql("SELECT table_name::text, column_name FROM job_followers")
