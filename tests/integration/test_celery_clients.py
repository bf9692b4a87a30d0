"""Plain Celery clients get on with the ledger."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from celery import Celery
from celery.result import AsyncResult

from bellhop.backend import JobFailed
from bellhop.celery_app import app
from bellhop.database import transaction
from bellhop.jobs import State
from bellhop.ledger.claim import claim
from bellhop.ledger.finish import Failure, Outcome, finish
from bellhop.ledger.submit import submit
from tests.stack import Stack
from tests.tasks.signatures import write_leased

Ended = Callable[..., str]


def client(stack: Stack) -> Celery:
    """A Celery application that knows nothing but the broker."""
    plain = Celery("plain", broker=stack.redis.url)
    plain.conf.broker_transport_options = {"priority_steps": list(range(10))}
    return plain


def test_a_message_from_a_plain_client_becomes_a_job(stack: Stack) -> None:
    sent = client(stack).send_task("products.very_slow_add", args=[5], kwargs={"b": 7}, queue="default")

    job = stack.adopted(sent.id)

    assert (job["state"], job["result"], job["args"]) == ("succeeded", 12, {"a": 5, "b": 7})


def test_a_wrong_argument_from_a_plain_client_fails_the_job_where_everybody_can_see_it(stack: Stack) -> None:
    sent = client(stack).send_task("products.very_slow_add", kwargs={"a": "five"}, queue="default")

    job = stack.adopted(sent.id)

    assert (job["state"], job["error"]["type"]) == ("failed", "ValidationError")


@pytest.fixture
def ended(ledger: Stack) -> Ended:
    """Makes jobs of this process' ledger that have ended in some way."""

    def end(state: State, **how: Any) -> str:
        with transaction() as db:
            id = submit(db, write_leased, key="one").id
        with transaction() as db:
            [job] = claim(db, [id], worker="worker@test", lease=(lease := uuid4()), seconds=60)
            finish(db, [Outcome(job, state, started_at=job.run_at, **how)], worker="worker@test", lease=lease)
        return str(id)

    return end


def test_celery_reads_a_result_from_the_ledger(ended: Ended) -> None:
    id = ended(State.SUCCEEDED, result={"answer": 12})

    result = AsyncResult(id, app=app)

    assert (result.get(timeout=10), result.state, result.name) == ({"answer": 12}, "SUCCESS", "test.write_leased")


def test_celery_raises_the_error_that_stands_in_the_ledger(ended: Ended) -> None:
    id = ended(State.FAILED, failure=Failure("ValueError", "too cold", "Traceback ..."))

    result = AsyncResult(id, app=app)

    with pytest.raises(JobFailed, match="ValueError: too cold"):
        result.get(timeout=10)
    assert (result.state, result.traceback) == ("FAILURE", "Traceback ...")


def test_celery_sees_that_a_job_was_cancelled(ended: Ended) -> None:
    id = ended(State.CANCELLED)

    assert AsyncResult(id, app=app).state == "REVOKED"
