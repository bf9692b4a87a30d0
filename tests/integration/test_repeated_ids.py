"""A Celery client may send a message twice, whenever it likes: it is one job, which runs once."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID, uuid4

import pytest

from bellhop_ledger.ledger import control
from bellhop_ledger.ledger.adopt import Call, Refusal, adopt, refuse
from bellhop_ledger.ledger.claim import claim
from bellhop_ledger.ledger.events import Actor
from bellhop_ledger.ledger.finish import Outcome, finish
from bellhop_ledger.ledger.tables import State
from bellhop_ledger.platform.database import Database, transaction
from tests.locks import someone_waits
from tests.stack import Stack
from tests.tasks.signatures import write_leased

CALL = Call("twice", write_leased, {"key": "twice"})
ROWS = "SELECT id, state FROM jobs"


def adopted() -> bool:
    with transaction() as db:
        return adopt(db, CALL)


def end(db: Database, state: State) -> None:
    [job] = claim(db, [CALL.id], worker="worker@test", lease=(lease := uuid4()), seconds=60)
    outcome = Outcome(job, state, started_at=job.run_at, keep=3600)
    assert finish(db, [outcome], worker="worker@test", lease=lease) == {CALL.id}


@pytest.mark.parametrize("state", [State.SUCCEEDED, State.FAILED])
def test_a_message_that_comes_again_when_its_job_has_ended_changes_nothing(ledger: Stack, state: State) -> None:
    assert adopted()
    with transaction() as db:
        end(db, state)

    assert not adopted()

    assert ledger.sql(ROWS) == [(str(CALL.id), state)]


def test_a_message_that_comes_again_while_its_job_ends_changes_nothing(ledger: Stack) -> None:
    assert adopted()

    with transaction() as db:
        end(db, State.SUCCEEDED)
        with ThreadPoolExecutor(1) as pool:
            assert not pool.submit(adopted).result(60)

    assert ledger.sql(ROWS) == [(str(CALL.id), "succeeded")]


def test_a_message_that_comes_again_while_its_job_is_retried_changes_nothing(ledger: Stack) -> None:
    assert adopted()
    with transaction() as db:
        end(db, State.FAILED)

    with ThreadPoolExecutor(1) as pool:
        with transaction() as db:
            control.retry(db, CALL.id, by=Actor("user:ann"))
            again = pool.submit(adopted)
            someone_waits(ledger, "%EXECUTE bellhop_%")
        assert not again.result(60)

    assert ledger.sql(ROWS) == [(str(CALL.id), "queued")]


def test_what_is_refused_twice_is_one_row_also_when_the_first_has_been_filed(ledger: Stack) -> None:
    one = Refusal(CALL.id, CALL.task_id, "unknown", "Unknown", "There is no such task")
    for expected in ({CALL.id}, set[UUID]()):
        with transaction() as db:
            assert refuse(db, [one], keep=3600) == expected
        ledger.sql("UPDATE jobs SET tier = 2, forget_on = CAST(now() + interval '1 hour' AS date)")

    assert ledger.sql(ROWS) == [(str(CALL.id), "failed")]


def test_a_message_whose_job_is_forgotten_is_a_new_one(ledger: Stack) -> None:
    assert adopted()
    ledger.sql("DELETE FROM jobs")
    ledger.sql("DELETE FROM job_keys")

    assert adopted()
