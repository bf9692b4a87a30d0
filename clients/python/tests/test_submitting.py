"""Submitting over HTTP, with both clients on a real system."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID, uuid4

import pytest

from bellhop_client import Conflict, Forbidden, Invalid, JobRequest, NotFound, Unauthorized
from tests.stack import Stack

LATER = datetime(2037, 1, 31, 9, 30, tzinfo=UTC)
ADDITION = {"a": 5, "b": 7}


class Colour(Enum):
    GREEN = "green"


def test_a_receipt_has_all_that_was_asked_for(client: Any) -> None:
    job = client.submit(
        "test.flexible", {"seconds": 0.5}, run_at=LATER, priority=9, queue="slow", tags=["order:7", "urgent"],
        label="Order 7", expires=LATER + timedelta(hours=1), max_attempts=2, timeout=timedelta(seconds=30),
    )  # fmt: skip

    assert isinstance(job.id, UUID)
    assert (job.task, job.args["seconds"], job.state, job.ended) == ("test.flexible", 0.5, "scheduled", False)
    assert (job.run_at, job.expires) == (LATER, LATER + timedelta(hours=1))
    assert (job.priority, job.queue, job.tags, job.label) == (9, "slow", ("order:7", "urgent"), "Order 7")
    assert (job.max_attempts, job.timeout) == (2, 30.0)


def test_what_is_not_asked_for_is_as_the_task_says(client: Any) -> None:
    job = client.submit("test.noop")

    assert (job.args, job.priority, job.label, job.tags, job.expires) == ({}, 5, None, (), None)
    assert job.created_at.tzinfo is not None


@pytest.mark.parametrize("delay", [3600, timedelta(hours=1)])
def test_a_delay_is_seconds_or_a_timedelta(client: Any, delay: Any) -> None:
    job = client.submit("test.noop", delay=delay)

    assert (job.run_at - job.created_at).total_seconds() == pytest.approx(3600, abs=1)


def test_arguments_may_be_what_pydantic_reads_from_json(client: Any) -> None:
    day, id = date(2030, 1, 31), uuid4()

    what = [LATER, day, id, Decimal("9.90"), Colour.GREEN, timedelta(minutes=1)]
    job = client.submit("test.note_down", {"what": what})

    assert job.args == {"what": [LATER.isoformat(), "2030-01-31", str(id), "9.90", "green", 60]}


@pytest.mark.parametrize(
    ("args", "field"),
    [
        ({"what": [1, object()]}, "args.what.1"),
        ({"what": {"x": float("nan")}}, "args.what.x"),
        ({"what": "\ud800"}, "args.what"),
    ],
)
def test_what_json_cannot_carry_is_refused_by_its_name(client: Any, args: dict[str, Any], field: str) -> None:
    with pytest.raises(ValueError, match=rf"^{field}: cannot be sent as JSON"):
        client.submit("test.note_down", args)


@pytest.mark.parametrize("name", ["run_at", "expires"])
def test_a_time_without_a_zone_is_refused(client: Any, name: str) -> None:
    with pytest.raises(ValueError, match=f"^{name}: must have a time zone"):
        client.submit("test.noop", **{name: datetime(2030, 1, 1)})


def test_the_same_key_gives_back_the_first_job_and_is_a_conflict_for_another(client: Any) -> None:
    key = uuid4().hex

    first, second = (client.submit("test.add", ADDITION, run_at=LATER, key=key) for _ in range(2))

    assert second == first
    with pytest.raises(Conflict):
        client.submit("test.add", ADDITION, run_at=LATER, key=key, priority=9)


def test_without_a_key_each_call_makes_a_job(client: Any) -> None:
    assert client.submit("test.noop").id != client.submit("test.noop").id


def test_receipts_of_many_come_in_their_order(client: Any) -> None:
    jobs = client.submit_many([JobRequest("test.add", {"a": n, "b": 0}, run_at=LATER) for n in range(20)])

    assert [job.args["a"] for job in jobs] == list(range(20))


def test_many_with_a_key_are_the_same_ones_again(client: Any) -> None:
    key, wanted = uuid4().hex, [JobRequest("test.add", ADDITION, run_at=LATER)] * 3

    first, second = client.submit_many(wanted, key=key), client.submit_many(iter(wanted), key=key)

    assert len({job.id for job in first}) == 3
    assert second == first


def test_a_job_with_a_key_of_its_own_is_the_same_one_in_any_call(client: Any) -> None:
    key = uuid4().hex
    wanted = JobRequest("test.add", ADDITION, run_at=LATER, key=key)

    [first, _], [_, second] = (
        client.submit_many(jobs) for jobs in ([wanted, JobRequest("test.noop")], [JobRequest("test.noop"), wanted])
    )

    assert first == second
    assert client.submit("test.add", ADDITION, run_at=LATER, key=key).id == first.id
    with pytest.raises(Conflict, match=r"jobs\.0\.key: was used before"):
        client.submit_many([JobRequest("test.add", ADDITION, key=key)])


@pytest.mark.long
def test_more_than_a_batch_holds_go_in_several_which_can_be_repeated_together(client: Any, stack: Stack) -> None:
    key, wanted = uuid4().hex, (JobRequest("test.noop", run_at=LATER) for _ in range(10_001))

    jobs = client.submit_many(wanted, key=key)
    again = client.submit_many([JobRequest("test.noop", run_at=LATER)] * 10_001, key=key)

    assert len({job.id for job in jobs}) == 10_001
    assert [job.id for job in again] == [job.id for job in jobs]
    stack.sql("DELETE FROM jobs WHERE idempotency_key LIKE %s", f"%{key}%")


def test_none_of_many_is_accepted_where_one_is_wrong(client: Any, stack: Stack) -> None:
    tag = uuid4().hex
    wanted = [JobRequest("test.add", {"a": a, "b": 1}, run_at=LATER, tags=[tag]) for a in (1, "x", 3)]

    with pytest.raises(Invalid) as refused:
        client.submit_many(wanted)

    assert list(refused.value.errors) == ["jobs.1.args.a"]
    assert list(client.list(tag=tag)) == []


def test_no_jobs_are_no_request(connect: Callable[..., Any]) -> None:
    assert connect("http://127.0.0.1:1").submit_many([]) == []


def test_a_refusal_names_the_fields_at_fault(client: Any) -> None:
    with pytest.raises(Invalid) as refused:
        client.submit("test.add", {"a": "x", "c": 1}, priority=10)

    error = refused.value
    assert (error.status, error.title) == (422, "Unprocessable Content")
    assert error.errors["priority"]
    assert error.request_id
    assert str(error).startswith("422 Unprocessable Content: priority: ")


def test_an_unknown_task_is_refused_with_those_that_are_like_it(client: Any) -> None:
    with pytest.raises(Invalid, match=r"task: there is no task 'test\.ad'; is .*'test\.add'"):
        client.submit("test.ad")


def test_each_kind_of_refusal_is_a_class(connect: Callable[..., Any], stack: Stack) -> None:
    user = stack.user().http.headers["Authorization"].removeprefix("Bearer ")

    with pytest.raises(Unauthorized):
        connect(stack.url, "no-such-token").submit("test.noop")
    with pytest.raises(Forbidden):
        connect(stack.url, user).submit("test.noop")
    with pytest.raises(NotFound):
        connect(stack.url).job(uuid4())
