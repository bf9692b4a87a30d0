"""People's turns: of what plain users ask for only so much is announced that others find free processes."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest

from bellhop_ledger.ledger import heartbeats
from bellhop_ledger.ledger.claim import claim
from bellhop_ledger.ledger.dispatch import mark_published, unsent
from bellhop_ledger.ledger.heartbeats import Service
from bellhop_ledger.ledger.submit import NewJob, submit_all
from bellhop_ledger.ledger.tables import PEOPLE, Job
from bellhop_ledger.ledger.turns import next_turns
from bellhop_ledger.platform.database import transaction
from tests.stack import Stack
from tests.tasks import signatures

A, B = uuid4(), uuid4()


def waiting(user: UUID, number: int = 1) -> list[UUID]:
    """Submit so much as a user."""
    new = [NewJob(signatures.listed, {"what": "asked for"}, user_id=user) for _ in range(number)]
    with transaction() as db:
        jobs = submit_all(db, new, publish=False)
        db.query(Job).filter(Job.id.in_([job.id for job in jobs])).update({"queue": PEOPLE})
    return [job.id for job in jobs]


def worker(name: str, queues: str, processes: int) -> None:
    with transaction() as db:
        heartbeats.beat(db, name, Service.WORKER, queues=queues, processes=processes, busy=0)


def turns() -> list[UUID]:
    with transaction() as db:
        return [job.id for job in next_turns(db)]


def publish(ids: Sequence[UUID]) -> None:
    with transaction() as db:
        mark_published(db, ids)


def run_them(ids: Sequence[UUID]) -> None:
    with transaction() as db:
        assert len(claim(db, ids, worker="test", lease=uuid4(), seconds=60)) == len(ids)


@pytest.fixture(autouse=True)
def quiet(ledger: Stack) -> None:
    ledger.sql("TRUNCATE heartbeats")


@pytest.mark.parametrize(
    ("workers", "room"),
    [
        ([], 1),
        ([("default,slow,people", 1)], 1),
        ([("default,slow,people", 2)], 1),
        ([("default, slow , people", 9)], 4),
        ([("default", 8), ("slow,people", 4)], 2),
        ([("people", 3)], 3),
        ([("people", 3), ("slow,people", 4)], 5),
        ([("people", 0)], 1),
        ([("default", 8), ("peoples", 8)], 1),
    ],
)
def test_people_get_half_of_the_processes_that_others_need_too(workers: list[tuple[str, int]], room: int) -> None:
    for number, (queues, processes) in enumerate(workers):
        worker(str(number), queues, processes)
    waiting(A, 10)

    assert len(turns()) == room


def test_a_worker_that_is_silent_has_no_room(ledger: Stack) -> None:
    worker("gone", "people", 8)
    ledger.sql("UPDATE heartbeats SET seen_at = now() - interval '1 minute'")
    waiting(A, 10)

    assert len(turns()) == 1


def test_what_runs_and_what_is_announced_takes_room() -> None:
    worker("one", "people", 3)
    first, second, third, *_ = waiting(A, 10)
    assert set(turns()) == {first, second, third}

    publish([first])
    assert set(turns()) == {second, third}
    run_them([first, second])
    assert turns() == [third]
    publish([third])
    assert turns() == []


def test_who_asks_for_much_leaves_turns_for_others() -> None:
    worker("one", "people", 2)
    many, [one] = waiting(A, 10), waiting(B)

    assert set(turns()) == {many[0], one}
    run_them([many[0]])
    assert turns() == [one]


def test_turns_of_equals_change_with_the_second(ledger: Stack) -> None:
    worker("one", "people", 1)
    waiting(A, 5)
    waiting(B, 5)
    seen: set[Any] = set()
    for _ in range(200):
        [chosen] = turns()
        seen |= {row[0] for row in ledger.sql("SELECT user_id FROM jobs WHERE id = %s", str(chosen))}
        if len(seen) == 2:
            return
        ledger.sql("SELECT pg_sleep(0.1)")
    raise AssertionError("one of them never had a turn")


def test_two_who_ask_at_once_find_the_same_jobs() -> None:
    worker("one", "people", 3)
    waiting(A, 4)
    waiting(B, 4)

    with transaction() as one, transaction() as two:
        assert {job.id for job in next_turns(one)} & {job.id for job in next_turns(two)}


def test_what_waits_for_its_turn_is_not_taken_for_unsent(ledger: Stack) -> None:
    waiting(A, 3)
    ledger.sql("UPDATE jobs SET queued_at = now() - interval '1 minute'")

    with transaction() as db:
        assert unsent(db, 100) == []
