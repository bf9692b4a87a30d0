"""Messages: which jobs share one."""

from dataclasses import replace
from uuid import UUID

import pytest

from bellhop_ledger.broker.messages import ReadyJob, batches, chunked, queue_of, redis_priority
from bellhop_ledger.platform.policies import Policy, policies


@pytest.fixture(autouse=True)
def tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three tasks: of one, a message may name three jobs; of another, one; the last is async."""
    monkeypatch.setitem(policies, "unit.together", Policy(batch=3))
    monkeypatch.setitem(policies, "unit.alone", Policy())
    monkeypatch.setitem(policies, "unit.async", Policy(is_async=True))


def ready(number: int, task: str = "unit.together", queue: str = "default", priority: int = 5) -> list[ReadyJob]:
    return [ReadyJob(UUID(int=n), task, queue, priority, suspect=False, summary="{}") for n in range(number)]


def sizes(jobs: list[ReadyJob]) -> list[int]:
    return [len(batch) for batch in batches(jobs)]


def test_jobs_of_a_task_share_messages_as_far_as_it_allows() -> None:
    assert sizes(ready(7)) == [3, 3, 1]


def test_jobs_of_other_tasks_travel_alone() -> None:
    assert sizes(ready(3, "unit.alone")) == [1, 1, 1]


def test_jobs_of_a_task_that_nobody_knows_here_travel_alone() -> None:
    assert sizes(ready(2, "unit.unknown")) == [1, 1]


def test_a_message_never_mixes_tasks_queues_or_priorities() -> None:
    jobs = ready(2) + ready(2, queue="slow") + ready(2, priority=9) + ready(2, "unit.alone")

    for batch in batches(jobs):
        assert len({(job.task, job.queue, job.priority) for job in batch}) == 1
    assert sorted(sizes(jobs)) == [1, 1, 2, 2, 2]


def test_a_suspect_job_travels_alone() -> None:
    first, *others = ready(3)

    assert sorted(sizes([replace(first, suspect=True), *others])) == [1, 2]


def test_async_jobs_share_messages_in_a_queue_of_their_own() -> None:
    jobs = ready(45, "unit.async", queue="slow")

    assert sizes(jobs) == [20, 20, 5]
    assert {queue_of(job) for job in jobs} == {"slow:async"}


def test_a_suspect_async_job_travels_alone_to_a_process_of_the_pool() -> None:
    suspects = [replace(job, suspect=True) for job in ready(3, "unit.async")]

    assert sizes(suspects) == [1, 1, 1]
    assert {queue_of(job) for job in suspects} == {"default"}


def test_no_job_is_lost_or_doubled_and_the_order_is_kept() -> None:
    jobs = ready(10)

    assert [job for batch in batches(jobs) for job in batch] == jobs


def test_nothing_makes_no_message() -> None:
    assert sizes([]) == []
    assert list(chunked([], 3)) == []


def test_our_highest_priority_is_the_first_of_redis() -> None:
    assert [redis_priority(priority) for priority in (9, 5, 0)] == [0, 4, 9]
