"""Plain Celery clients get on with the ledger."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from celery import Celery, chain
from celery.exceptions import TaskRevokedError
from celery.result import AsyncResult

from bellhop_ledger.broker.celery_app import app
from bellhop_ledger.ledger.adopt import job_id_of
from bellhop_ledger.ledger.claim import claim
from bellhop_ledger.ledger.finish import Failure, Outcome, finish
from bellhop_ledger.ledger.result_backend import JobCancelled, JobFailed
from bellhop_ledger.ledger.submit import submit
from bellhop_ledger.ledger.tables import State
from bellhop_ledger.platform.database import transaction
from tests.documents import blocks
from tests.stack import Stack, wait_until
from tests.tasks.signatures import write_leased

Ended = Callable[..., str]


def client(stack: Stack) -> Celery:
    """A Celery application that knows nothing but the broker."""
    return Celery("plain", broker=stack.redis.url, set_as_current=False)


def test_a_message_from_a_plain_client_becomes_a_job(stack: Stack) -> None:
    sent = client(stack).send_task("test.add", args=[5], kwargs={"b": 7}, queue="default")

    job = stack.adopted(sent.id)

    assert (job["state"], job["result"], job["args"]) == ("succeeded", 12, {"a": 5, "b": 7})


def test_the_example_of_the_page_about_celery_runs(stack: Stack) -> None:
    [example] = [block for block in blocks() if block.document == "docs/from-celery.md" and block.language == "python"]
    names: dict[str, Any] = {"REDIS_URL": stack.redis.url}

    exec(example.code, names)

    wait_until(lambda: stack.http.get(f"/api/jobs/{names['sent'].id}").status_code == 200)
    job = stack.job(names["sent"].id)
    stack.http.post(f"/api/jobs/{job['id']}/cancel")
    assert (job["state"], job["task"], job["args"]) == ("scheduled", "products.very_slow_add", {"a": 5, "b": 7})


def test_a_message_without_a_queue_becomes_a_job_too(stack: Stack) -> None:
    sent = client(stack).send_task("test.write", kwargs={"key": "no queue"})

    assert stack.adopted(sent.id)["state"] == "succeeded"


def test_a_job_is_in_the_ledger_while_it_waits_for_its_date(stack: Stack) -> None:
    later = datetime.now(UTC) + timedelta(hours=1)

    dated = client(stack).send_task("test.noop", eta=later)
    delayed = client(stack).send_task("test.noop", countdown=3600)

    for sent in (dated, delayed):
        wait_until(lambda id=sent.id: stack.http.get(f"/api/jobs/{id}").status_code == 200)  # type: ignore[misc]
        job = stack.job(sent.id)
        assert (job["state"], job["run_at"][:16]) == ("scheduled", later.isoformat()[:16])
        stack.http.post(f"/api/jobs/{sent.id}/cancel")


def test_a_message_that_comes_twice_is_one_job(stack: Stack) -> None:
    for _ in range(3):
        client(stack).send_task("test.write", kwargs={"key": "comes twice"}, task_id="twice")

    job = stack.adopted("twice")
    assert job["state"] == "succeeded", str(job)
    wait_until(lambda: stack.log("worker").count("message_repeated") >= 2)
    assert stack.effects().count("comes twice") == 1


def test_a_job_is_found_by_the_id_that_its_client_has_given_it(stack: Stack) -> None:
    client(stack).send_task("test.noop", task_id="my-order-17", countdown=3600)
    wait_until(lambda: stack.http.get("/api/jobs/my-order-17").status_code == 200)
    found = stack.job("my-order-17")
    assert (found["id"], found["request_id"]) == (str(job_id_of("my-order-17")), "my-order-17")

    operator = stack.user("operator")
    with httpx.Client(base_url=stack.url, cookies=operator.cookies) as browser:
        assert found["id"] in browser.get("/jobs/my-order-17").text

    assert stack.http.post("/api/jobs/my-order-17/cancel").json()["state"] == "cancelled"
    assert stack.http.post("/api/jobs/my-order-17/retry").json()["id"] == found["id"]
    assert stack.http.get("/api/jobs/my-order-18").status_code == 404


def test_a_job_that_has_not_begun_when_it_expires_is_cancelled_with_the_reason(stack: Stack) -> None:
    waits = client(stack).send_task("test.noop", countdown=3600, expires=1)
    late = client(stack).send_task("test.noop", expires=datetime.now(UTC) - timedelta(hours=1))

    for sent in (waits, late):
        job = stack.adopted(sent.id)
        assert (job["state"], job["error"]["type"], job["attempt"]) == ("cancelled", "Expired", 0)


def test_an_expired_job_that_is_tried_again_runs(stack: Stack) -> None:
    sent = client(stack).send_task("test.noop", expires=datetime.now(UTC) - timedelta(hours=1))
    stack.adopted(sent.id)

    stack.http.post(f"/api/jobs/{sent.id}/retry")

    assert wait_until(lambda: stack.job(sent.id)["state"] == "succeeded")


REFUSED = {
    "an unknown task": ("shop.unknown", {}, "NotRegistered"),
    "NaN": ("test.add", {"kwargs": {"a": float("nan"), "b": 1}}, "UnstorableArguments"),
    "NUL": ("test.write", {"kwargs": {"key": "a\0b"}}, "UnstorableArguments"),
    "half a pair": ("test.write", {"kwargs": {"key": "\ud800"}}, "UnstorableArguments"),
    "a surplus argument": ("test.add", {"args": [1, 2, 99]}, "TypeError"),
    "a doubled argument": ("test.add", {"args": [1], "kwargs": {"a": 1, "b": 2}}, "TypeError"),
    "a wrong argument": ("test.add", {"kwargs": {"a": "five", "b": 1}}, "ValidationError"),
    "pickle": ("test.noop", {"serializer": "pickle"}, "ContentDisallowed"),
    "a link": ("test.noop", {"link": Celery(set_as_current=False).signature("test.noop")}, "CanvasRefused"),
    "a link_error": ("test.noop", {"link_error": Celery(set_as_current=False).signature("test.noop")}, "CanvasRefused"),
    "a group": ("test.noop", {"group_id": "7"}, "CanvasRefused"),
}


@pytest.mark.parametrize(("task", "options", "kind"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_taken_is_a_failed_job_and_a_line_in_the_log(
    stack: Stack, task: str, options: dict[str, Any], kind: str
) -> None:
    sent = client(stack).send_task(task, **options)

    job = stack.adopted(sent.id)

    assert (job["state"], job["error"]["type"], job["attempt"]) == ("failed", kind, 0)
    [line] = [line for line in stack.log("worker").splitlines() if sent.id in line]
    assert "message_refused" in line
    assert kind in line


@pytest.mark.parametrize("more", [{}, {"method": 7}, {"link": True}], ids=["taken", "of a wrong type", "of a canvas"])
def test_a_secret_among_the_arguments_is_neither_stored_nor_logged_as_it_came(
    stack: Stack, more: dict[str, Any]
) -> None:
    plain, secret = client(stack), f"whsec_{uuid4().hex}"
    link = {"link": plain.signature("test.noop")} if more.pop("link", None) else {}
    kwargs = {"url": "https://example.org/", "signing_secret": secret, **more}

    sent = plain.send_task("http.request", kwargs=kwargs, countdown=3600, **link)

    wait_until(lambda: stack.http.get(f"/api/jobs/{sent.id}").status_code == 200)
    [(stored,)] = stack.sql("SELECT jobs::text FROM jobs WHERE id = %s", sent.id)
    assert "signing_secret" in stored
    assert secret not in stored + stack.log("worker")


def test_each_task_of_a_canvas_ends_as_failed(stack: Stack) -> None:
    plain = client(stack)
    noop = plain.signature("test.noop", immutable=True)
    last = chain(noop, noop, noop, app=plain).apply_async()

    for one in (last, last.parent, last.parent.parent):
        assert stack.adopted(one.id)["error"]["type"] == "CanvasRefused"


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


@pytest.fixture
def waiting(ledger: Stack) -> Callable[..., str]:
    """Makes jobs of this process' ledger that wait, for their first attempt or for another one."""

    def wait(*, attempts: int) -> str:
        with transaction() as db:
            id = submit(db, write_leased, key="one").id
        for _ in range(attempts):
            with transaction() as db:
                [job] = claim(db, [id], worker="worker@test", lease=(lease := uuid4()), seconds=60)
                failure = Failure("ValueError", "too cold", "Traceback ...")
                again = Outcome(job, State.SCHEDULED, started_at=job.run_at, failure=failure, delay=0)
                finish(db, [again], worker="worker@test", lease=lease)
            ledger.sql("UPDATE jobs SET state = 'queued', queued_at = now() WHERE id = %s", str(id))
        return str(id)

    return wait


def test_celery_reads_a_result_from_the_ledger(ended: Ended) -> None:
    id = ended(State.SUCCEEDED, result={"answer": 12})

    result = AsyncResult(id, app=app)

    assert (result.get(timeout=10), result.state, result.name) == ({"answer": 12}, "SUCCESS", "test.write_leased")


def test_celery_raises_the_error_that_stands_in_the_ledger(ended: Ended) -> None:
    id = ended(State.FAILED, failure=Failure("ValueError", "too cold", "Traceback ..."))

    result = AsyncResult(id, app=app)

    with pytest.raises(JobFailed, match="ValueError: too cold"):
        result.get(timeout=10)
    assert (result.state, result.traceback, result.retries) == ("FAILURE", "Traceback ...", 0)


def test_celery_sees_that_a_job_was_cancelled(ended: Ended) -> None:
    result = AsyncResult(ended(State.CANCELLED), app=app)

    assert (result.state, type(result.result)) == ("REVOKED", JobCancelled)
    with pytest.raises(TaskRevokedError):
        result.get(timeout=10)


@pytest.mark.parametrize(("attempts", "state", "retries"), [(0, "PENDING", 0), (1, "RETRY", 0), (2, "RETRY", 1)])
def test_celery_sees_how_often_a_job_was_tried_again(
    waiting: Callable[..., str], attempts: int, state: str, retries: int
) -> None:
    result = AsyncResult(waiting(attempts=attempts), app=app)

    assert (result.state, result.retries, result.args, result.queue) == (state, retries, [], "default")
    assert (str(result.result), result.traceback) == (
        ("ValueError: too cold", "Traceback ...") if attempts else ("None", None)
    )


def test_celery_knows_nothing_of_a_job_that_is_not_there(ledger: Stack) -> None:
    result = AsyncResult("no-such-job", app=app)

    assert (result.state, result.result, result.retries, result.date_done) == ("PENDING", None, None, None)
