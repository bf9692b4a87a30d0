"""What Bellhop refuses of an outbox is set aside, and nothing else is."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bellhop_client import BellhopError, Client, JobRequest
from bellhop_client.errors import Problem, refusal
from bellhop_client.outbox import Carried, Forwarder, OutboxJob
from bellhop_client.outbox.offering import offer
from tests.own_database import OwnDatabase
from tests.relay import BATCH, CUT, Relay, keys_of
from tests.site import Raw, Says, Site
from tests.stack import Stack


def test_bad_jobs_are_set_aside_with_the_reason_and_the_others_arrive(
    bellhop: Client, store: OwnDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    bad = [JobRequest("test.ad"), JobRequest("test.add", {"a": 1, "c": 1}), JobRequest("test.noop", key="a,b")]
    store.write(store.addition(0), bad[0], store.addition(1), bad[1], bad[2], store.addition(2), bad[0])

    carried = Forwarder(bellhop, store.url).drain()

    refusals = [words for (words,) in store.sql("SELECT refusal FROM bellhop_outbox ORDER BY number")]
    assert carried == Carried(accepted=3, refused=4)
    assert (sorted(store.numbers()), store.waiting()) == ([0, 1, 2], 0)
    assert refusals[0] == refusals[3]
    assert refusals[0].startswith("task: there is no task 'test.ad'; is 'test.add'")
    assert refusals[1] == "args.b: is required; args.c: is not known here"
    assert refusals[2].startswith("key: must be given once and be 1 to 200 visible ASCII characters")
    assert "(test.ad) of the outbox was refused: task: there is no task" in caplog.text


def test_a_job_that_was_repaired_and_released_arrives(bellhop: Client, store: OwnDatabase) -> None:
    store.write(JobRequest("test.add", {"a": 1}, delay=1_000_000, tags=[store.tag]))
    forwarder = Forwarder(bellhop, store.url)
    assert forwarder.drain() == Carried(0, 1)
    assert forwarder.drain() == Carried(0, 0)

    store.sql("""UPDATE bellhop_outbox SET args = args || '{"b": 2}', refused_at = NULL, refusal = NULL""")

    assert forwarder.drain() == Carried(1, 0)
    assert store.numbers() == [1]


def test_a_key_that_has_another_job_is_set_aside(bellhop: Client, store: OwnDatabase) -> None:
    store.write(store.addition(1, key=store.tag))
    Forwarder(bellhop, store.url).drain()
    store.write(store.addition(2, key=store.tag), store.addition(3))

    assert Forwarder(bellhop, store.url).drain() == Carried(1, 1)

    assert sorted(store.numbers()) == [1, 3]
    assert store.sql("SELECT refusal FROM bellhop_outbox") == [("key: was used before, for a different request",)]


@pytest.mark.parametrize(
    "says", [Says(503), Says(500), Says(429), Says(401), Says(403), Says(404), Says(200, b"hi"), CUT]
)
def test_what_is_no_fault_of_a_job_sets_none_aside(
    through: Client, store: OwnDatabase, stack: Stack, site: Site, says: Says | Raw
) -> None:
    relay, answers = Relay(stack, cuts=0), [says]
    site.answers[BATCH] = lambda asked: answers.pop() if answers else relay(asked)
    store.write(store.addition(1))

    with pytest.raises(BellhopError):
        Forwarder(through, store.url).drain()

    assert store.waiting() == 1
    assert Forwarder(through, store.url).drain() == Carried(1, 0)


def test_what_is_too_much_at_once_goes_in_smaller_batches(
    through: Client, store: OwnDatabase, stack: Stack, site: Site
) -> None:
    relay = Relay(stack, cuts=0)
    site.answers[BATCH] = lambda asked: relay(asked) if len(keys_of(asked)) <= 2 else Says(413, b"<html>from a proxy")
    store.write(*(store.addition(number) for number in range(7)))

    assert Forwarder(through, store.url).drain() == Carried(7, 0)

    assert sorted(store.numbers()) == list(range(7))


def test_a_job_that_is_too_large_is_set_aside(bellhop: Client, store: OwnDatabase) -> None:
    store.write(store.addition(1), JobRequest("test.note_down", {"what": "x" * 16_000_000}), store.addition(2))

    assert Forwarder(bellhop, store.url).drain() == Carried(2, 1)

    assert store.sql("SELECT refusal LIKE '413 Content Too Large: %' FROM bellhop_outbox") == [(True,)]


JOB = OutboxJob(1, "k", "a.task", {}, {}, datetime.now(UTC), None, None)


def test_a_refusal_that_names_no_job_of_the_batch_is_that_of_the_only_one() -> None:
    def send(_: Any) -> None:
        raise refusal(Problem(422, "Unprocessable Content", "no", {"jobs.7.task": "?", "jobs": "are too many"}))

    assert offer(send, [JOB]).refused == {1: "422 Unprocessable Content: jobs.7.task: ?; jobs: are too many"}


def test_a_forbidden_job_is_set_aside_where_it_is_named() -> None:
    def send(_: Any) -> None:
        raise refusal(Problem(403, "Forbidden", "no", {"jobs.0.task": "may not be submitted with this token"}))

    assert offer(send, [JOB]).refused == {1: "task: may not be submitted with this token"}
