"""Messages: which jobs share one."""

from dataclasses import replace
from uuid import UUID

import pytest

from bellhop_ledger.broker.messages import Hint, cut, lots, redis_priority
from bellhop_ledger.platform.policies import Policy, policies


@pytest.fixture(autouse=True)
def tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two tasks: of one, a message may name three jobs; of the other, one."""
    monkeypatch.setitem(policies, "unit.together", Policy(batch=3))
    monkeypatch.setitem(policies, "unit.alone", Policy())


def hints(number: int, task: str = "unit.together", queue: str = "default", priority: int = 5) -> list[Hint]:
    return [Hint(UUID(int=n), task, queue, priority, suspect=False, summary="{}") for n in range(number)]


def sizes(jobs: list[Hint]) -> list[int]:
    return [len(lot) for lot in lots(jobs)]


def test_jobs_of_a_task_share_messages_as_far_as_it_allows() -> None:
    assert sizes(hints(7)) == [3, 3, 1]


def test_jobs_of_other_tasks_travel_alone() -> None:
    assert sizes(hints(3, "unit.alone")) == [1, 1, 1]


def test_jobs_of_a_task_that_nobody_knows_here_travel_alone() -> None:
    assert sizes(hints(2, "unit.unknown")) == [1, 1]


def test_a_message_never_mixes_tasks_queues_or_priorities() -> None:
    jobs = hints(2) + hints(2, queue="slow") + hints(2, priority=9) + hints(2, "unit.alone")

    for lot in lots(jobs):
        assert len({(hint.task, hint.queue, hint.priority) for hint in lot}) == 1
    assert sorted(sizes(jobs)) == [1, 1, 2, 2, 2]


def test_a_suspect_job_travels_alone() -> None:
    first, *others = hints(3)

    assert sorted(sizes([replace(first, suspect=True), *others])) == [1, 2]


def test_no_job_is_lost_or_doubled_and_the_order_is_kept() -> None:
    jobs = hints(10)

    assert [hint for lot in lots(jobs) for hint in lot] == jobs


def test_nothing_makes_no_message() -> None:
    assert sizes([]) == []
    assert list(cut(3, [])) == []


def test_our_highest_priority_is_the_first_of_redis() -> None:
    assert [redis_priority(priority) for priority in (9, 5, 0)] == [0, 4, 9]
