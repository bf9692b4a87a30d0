"""The runner: whatever a body does to its transaction or its neighbours, each job ends with the true reason."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from bellhop.signature import Mode, Retry, Signature
from bellhop_ledger.ledger import control
from bellhop_ledger.ledger.submit import NewJob, submit_all
from bellhop_ledger.ledger.tables import Job, State
from bellhop_ledger.platform.database import transaction
from bellhop_worker.engine.binding import Body
from bellhop_worker.engine.execution import Executor
from bellhop_worker.engine.interrupts import Interrupts
from bellhop_worker.engine.runner import Runner
from bellhop_worker.engine.slot_table import SlotTable
from tests.stack import Stack

pytestmark = pytest.mark.usefixtures("ledger")
DEFERRED = "CREATE TABLE IF NOT EXISTS picky (key text UNIQUE DEFERRABLE INITIALLY DEFERRED)"


@pytest.fixture
def runner(ledger: Stack) -> Iterator[Runner]:
    """A runner with a time budget of half a second for each message."""
    SlotTable.create(1)
    slots = SlotTable(os.environ["BELLHOP_SLOT_TABLE"], 1)
    yield Runner("w", slots, 0, Executor(Interrupts(slots, 0), keep=60), lease_seconds=60, budget=0.5)
    slots.remove()


def body(mode: Mode, function: Callable[..., None]) -> Body:
    """A body that gets the session; it is tried once."""

    def stub() -> None:
        """Do it."""

    signature = Signature(f"test.{function.__name__}", stub, mode=mode, retry=Retry(attempts=1), batch=100)
    return Body(signature, function, {"db": "db"})


def submitted(body: Body, count: int = 1) -> list[UUID]:
    """Jobs for this body."""
    new: list[NewJob] = [NewJob(body.signature, {}) for _ in range(count)]
    with transaction() as db:
        ids = [job.id for job in submit_all(db, new, publish=False)]
        db.execute(text("UPDATE jobs SET published_at = now()"))
    return ids


def job(id: UUID) -> Job:
    """The row as it is."""
    with transaction() as db:
        return control.find(db, id)


def error_of(id: UUID) -> Any:
    """How the job failed."""
    found = job(id)
    return found.error["type"] if found.state is State.FAILED and found.error else found.state


def swallows(db: Session) -> None:
    """Go on after an error of the database as if nothing had been."""
    with suppress(DBAPIError):
        db.execute(text("SELECT 1 / 0"))


def breaks_its_promise(db: Session) -> None:
    """Write what the database refuses at the commit only."""
    db.execute(text("INSERT INTO picky VALUES ('twice'), ('twice')"))


def rests(db: Session) -> None:
    """Take a while."""
    time.sleep(0.4)


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("count", [1, 3])
def test_a_body_that_ignores_an_error_of_the_database_fails_and_says_so(runner: Runner, mode: Mode, count: int) -> None:
    one = body(mode, swallows)
    ids = submitted(one, count)

    runner.run(one, ids, suspect=False)

    assert [error_of(id) for id in ids] == ["WorkUndone"] * count


@pytest.mark.parametrize("count", [1, 3])
def test_writes_that_are_refused_at_the_commit_fail_the_job_with_the_reason(
    runner: Runner, ledger: Stack, count: int
) -> None:
    ledger.sql(DEFERRED)
    one = body(Mode.LEASED, breaks_its_promise)
    ids = submitted(one, count)

    runner.run(one, ids, suspect=False)

    assert [error_of(id) for id in ids] == ["IntegrityError"] * count


def test_a_suspect_message_of_many_jobs_keeps_to_its_time_budget_and_sends_the_rest_alone(runner: Runner) -> None:
    one = body(Mode.ATOMIC, rests)
    ids = submitted(one, 5)

    outcomes = runner.run(one, ids, suspect=True)

    begun = len(outcomes)
    assert 1 <= begun <= 2, "five would outlast the hard limit, for which the innocent would be killed"
    assert [job(id).state for id in ids] == [State.SUCCEEDED] * begun + [State.QUEUED] * (5 - begun)
    assert all(job(id).suspect for id in ids[begun:])
