"""Messages of many jobs: which tasks share one, and what becomes of jobs behind one that takes long after all."""

import math
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from uuid import UUID

import pytest
from sqlalchemy import text

from bellhop.signature import Mode, Retry, Signature
from bellhop_ledger.ledger import control
from bellhop_ledger.ledger.submit import NewJob, submit_all
from bellhop_ledger.ledger.tables import State
from bellhop_ledger.platform import policies
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.policies import Policy, RunTime, batch_of
from bellhop_ledger.platform.statements import autocommit
from bellhop_ledger.tasks.known import known_tasks
from bellhop_ledger.tasks.run_times import note
from bellhop_worker.engine.binding import Body
from bellhop_worker.engine.execution import Executor
from bellhop_worker.engine.interrupts import Interrupts
from bellhop_worker.engine.run_times import RunTimes
from bellhop_worker.engine.runner import Runner
from bellhop_worker.engine.slot_table import SlotTable
from tests.stack import Stack, wait_until

pytestmark = pytest.mark.usefixtures("ledger")


@pytest.fixture(autouse=True)
def forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """No run times are known yet."""
    monkeypatch.setattr(policies, "run_times", {})


@pytest.fixture
def runner() -> Iterator[Runner]:
    """A runner whose messages may take a tenth of a second."""
    SlotTable.create(1)
    slots = SlotTable(os.environ["BELLHOP_SLOT_TABLE"], 1)
    yield Runner("w", slots, 0, Executor(Interrupts(slots, 0), keep=60), lease_seconds=60, budget=0.1)
    slots.remove()


def body(function: Callable[[], None]) -> Body:
    """A leased body without a session."""

    def stub() -> None:
        """Do it."""

    return Body(Signature("test.act", stub, mode=Mode.LEASED, retry=Retry(attempts=1)), function, {})


def submitted(one: Body, count: int) -> list[UUID]:
    """Published jobs, in the order in which a message runs them."""
    with transaction() as db:
        ids = [job.id for job in submit_all(db, [NewJob(one.signature, {}) for _ in range(count)], publish=False)]
        db.execute(text("UPDATE jobs SET published_at = now()"))
    return sorted(ids)


def state(id: UUID) -> State:
    with transaction() as db:
        return control.find(db, id).state


def test_jobs_behind_one_that_takes_long_go_back_and_those_before_it_have_ended(runner: Runner) -> None:
    begun, may_end, turns = Event(), Event(), iter(range(9))

    def act() -> None:
        """Take long at the second turn."""
        if next(turns) == 1:
            begun.set()
            may_end.wait()

    ids = submitted(body(act), 4)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(runner.run, body(act), ids, suspect=False)
        begun.wait()
        wait_until(lambda: [state(id) for id in ids] == [State.SUCCEEDED, State.RUNNING, State.QUEUED, State.QUEUED])
        may_end.set()

    assert [outcome.job.id for outcome in running.result()] == ids[:2]
    assert state(ids[1]) is State.SUCCEEDED
    assert next(turns) == 2, "what was handed back has not run here"


def test_a_job_that_was_handed_back_runs_once_wherever_its_next_message_comes(runner: Runner) -> None:
    ran: list[int] = []
    first = Event()

    def act() -> None:
        """Let the first one take long."""
        ran.append(len(ran))
        if len(ran) == 1:
            first.wait()

    ids = submitted(body(act), 3)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(runner.run, body(act), ids, suspect=False)
        wait_until(lambda: state(ids[2]) is State.QUEUED)
        first.set()
        running.result()
    runner.run(body(act), ids, suspect=False)

    assert [state(id) for id in ids] == [State.SUCCEEDED] * 3
    assert len(ran) == 3


@pytest.mark.parametrize(
    ("seconds", "policy", "jobs"),
    [
        (None, Policy(), 1),
        (None, Policy(batch=50, largest_batch=50), 50),
        (0.0005, Policy(), 200),
        (0.0005, Policy(largest_batch=1), 1),
        (0.01, Policy(), 10),
        (0.01, Policy(batch=50, largest_batch=50), 10),
        (60, Policy(), 1),
        (0.0, Policy(), 500),
    ],
)
def test_a_message_names_as_many_jobs_as_end_in_a_moment(
    monkeypatch: pytest.MonkeyPatch, seconds: float | None, policy: Policy, jobs: int
) -> None:
    monkeypatch.setitem(policies.policies, "test.act", policy)
    if seconds is not None:
        policies.remember_run_times({"test.act": RunTime(seconds, 0)})

    assert batch_of("test.act") == jobs


def test_what_a_worker_measures_is_known_to_all_who_send(ledger: Stack) -> None:
    ledger.sql("TRUNCATE bellhop.task_run_times")
    with autocommit() as db:
        note(db, {"test.short": RunTime(0.001, 0.0), "test.long": RunTime(5, 1)})
        note(db, {"test.short": RunTime(0.003, 0.0)})
    policies.run_times.clear()

    known_tasks().expire()
    known_tasks().current()

    assert policies.run_times == {"test.short": RunTime(0.002, 0), "test.long": RunTime(5, 1)}


def measured(runs: list[float]) -> RunTime:
    times = RunTimes()
    times.add("test.act", runs)
    return times._known["test.act"]


def test_runs_that_differ_much_count_as_long() -> None:
    steady, wild = measured([0.001] * 50), measured([0.001, 0.05] * 25)

    assert steady.jobs_within(0.1) > 80
    assert wild.jobs_within(0.1) <= 2


def test_one_run_that_was_held_up_does_not_make_a_short_task_long() -> None:
    assert measured([0.0001] * 100 + [0.01] + [0.0001] * 10).jobs_within(0.1) > 100


def test_a_task_that_has_become_slow_shares_no_message_any_more() -> None:
    assert measured([0.0001] * 1000 + [2.0]).jobs_within(0.1) <= 2


def test_the_first_run_in_a_process_does_not_count_and_the_second_is_not_trusted_alone() -> None:
    assert measured([0.5, 0.001]) == RunTime(0.001, 0.0005)
    assert measured([0.5, 0.001]).jobs_within(0.1) < 100


@pytest.mark.parametrize(("mean", "deviation"), [(0.001, 0), (0.001, 0.002), (0.0001, 0.001), (0.02, 0.05), (0, 0.01)])
def test_as_many_jobs_as_nearly_always_end_in_time(mean: float, deviation: float) -> None:
    jobs = RunTime(mean, deviation).jobs_within(0.1)

    def at_most(number: int) -> float:
        return number * mean + 4 * deviation * math.sqrt(number)

    assert at_most(jobs) <= 0.1 + 1e-6 < at_most(jobs + 1) + 2e-3
