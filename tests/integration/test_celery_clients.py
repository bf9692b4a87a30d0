"""Plain Celery clients get on with the ledger."""

from celery import Celery
from celery.result import AsyncResult

from bellhop.celery_app import app
from tests.stack import Stack


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


def test_celery_reads_results_from_the_ledger(stack: Stack, servers: Stack) -> None:
    job = stack.ended(stack.submit("test.give", args={"what": "number"})["id"])

    stored = stack.sql("SELECT result FROM jobs WHERE id = %s", job["id"])

    assert stored == [(5,)]
    assert AsyncResult(job["id"], app=app).state == "PENDING", "this process is tied to another database"
