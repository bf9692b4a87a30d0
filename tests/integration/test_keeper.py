"""The keeper: it outlives whatever happens to the processes that it looks after."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from bellhop_ledger.ledger import claim, control
from bellhop_ledger.ledger.submit import NewJob, submit_all
from bellhop_ledger.ledger.tables import State
from bellhop_ledger.platform.clock import uuid7
from bellhop_ledger.platform.database import transaction
from bellhop_worker.engine.interrupts import INTERRUPT
from bellhop_worker.engine.lease_renewer import PATIENCE, Keeper
from bellhop_worker.engine.slot_table import NOBODY, Slate
from bellhop_worker.settings import WorkerSettings
from tests.stack import Stack, wait_until
from tests.tasks.signatures import sleep


@pytest.fixture
def slate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Slate]:
    """A slate for two processes."""
    monkeypatch.delenv("BELLHOP_SLATE", raising=False)
    Slate.create(2)
    made = Slate(os.environ["BELLHOP_SLATE"], 2)
    yield made
    made.remove()


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process that reacts to nothing but its death."""
    before = signal.signal(INTERRUPT, signal.SIG_IGN)
    with subprocess.Popen(["sleep", "60"]) as child:
        signal.signal(INTERRUPT, before)
        yield child
        child.kill()


def keeper(slate: Slate, tmp_path: Path, *pids: int, stop_timeout: float = 0) -> Keeper:
    """A keeper whose pool consists of these processes."""
    settings = WorkerSettings(heartbeat_file=tmp_path / "heartbeat", worker_stop_timeout=stop_timeout)
    return Keeper(slate, settings, lambda: pids, lambda: True)


def write(slate: Slate, slot: int, pid: int, lease: UUID = NOBODY, job: UUID = NOBODY) -> None:
    """Write a slot as the process with this id would."""
    slate.limit(slot, time.monotonic() + 60)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "getpid", lambda: pid)
        slate.write(slot, lease, job)


def cancelled_running_job(lease: UUID) -> UUID:
    """A job that runs and that somebody wants to stop."""
    with transaction() as db:
        [job] = submit_all(db, [NewJob(sleep, {"seconds": 60})], publish=False)
    with transaction() as db:
        claim.claim(db, [job.id], worker="w", lease=lease, seconds=60)
    with transaction() as db:
        control.cancel(db, job.id, keep=60)
    return job.id


@pytest.mark.usefixtures("ledger")
def test_a_process_that_dies_while_the_worker_stops_does_not_end_the_keeper(slate: Slate, tmp_path: Path) -> None:
    write(slate, 0, pid=dead_pid(), lease=uuid4(), job=uuid7())
    stopping = keeper(slate, tmp_path)
    stopping.stop_soon()
    time.sleep(0.01)

    stopping.look_after()

    assert list(slate.entries()) == []


@pytest.mark.usefixtures("ledger")
def test_a_process_that_dies_before_it_can_be_asked_to_stop_its_job_does_not_end_the_keeper(
    slate: Slate, tmp_path: Path
) -> None:
    gone, lease = dead_pid(), uuid4()
    write(slate, 0, pid=gone, lease=lease, job=cancelled_running_job(lease))

    keeper(slate, tmp_path, gone).look_after()


@pytest.mark.usefixtures("ledger")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_the_keeper_lives_on_when_its_heartbeat_cannot_be_written(slate: Slate, tmp_path: Path) -> None:
    settings = WorkerSettings(heartbeat_file=tmp_path / "missing" / "heartbeat", lease_seconds=1)
    turns: list[float] = []

    def alive() -> bool:
        turns.append(time.monotonic())
        if len(turns) == 3:
            raise SystemExit  # ends the thread
        return True

    Keeper(slate, settings, lambda: [], alive).start()

    wait_until(lambda: len(turns) == 3, patience=5)


@pytest.mark.usefixtures("ledger")
def test_a_job_that_is_cancelled_for_the_second_time_gets_time_to_react_again(
    slate: Slate, tmp_path: Path, sleeper: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    now, lease = [time.monotonic()], uuid4()
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    id = cancelled_running_job(lease)
    write(slate, 0, pid=sleeper.pid, lease=lease, job=id)
    one = keeper(slate, tmp_path, sleeper.pid)
    one.look_after()
    write(slate, 0, pid=sleeper.pid)  # it stopped the job, as it was asked to
    one.look_after()

    now[0] += PATIENCE + 1
    write(slate, 0, pid=sleeper.pid, lease=lease, job=id)  # somebody had it tried again, and cancels it again
    one.look_after()

    assert sleeper.poll() is None


@pytest.mark.usefixtures("ledger")
def test_a_process_that_has_died_and_whose_successor_has_begun_is_not_forgotten(slate: Slate, tmp_path: Path) -> None:
    with transaction() as db:
        [job] = submit_all(db, [NewJob(sleep, {"seconds": 60})], publish=False)
    with transaction() as db:
        claim.claim(db, [job.id], worker="w", lease=(lease := uuid4()), seconds=3600)
    write(slate, slate.take(0), pid=dead_pid(), lease=lease)

    slate.take(0)
    keeper(slate, tmp_path, os.getpid()).look_after()

    with transaction() as db:
        assert control.find(db, job.id).state is State.QUEUED


@pytest.mark.usefixtures("ledger")
def test_a_body_over_its_hard_limit_is_killed_even_when_celery_does_not(
    slate: Slate, tmp_path: Path, sleeper: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    slot = slate.take(0)
    write(slate, slot, pid=sleeper.pid, job=uuid7())
    slate.limit(slot, time.monotonic() + 10)
    one = keeper(slate, tmp_path, sleeper.pid)
    one.look_after()
    assert sleeper.poll() is None

    later = time.monotonic() + 11 + PATIENCE
    monkeypatch.setattr(time, "monotonic", lambda: later)
    one.look_after()

    monkeypatch.undo()
    assert sleeper.wait(5) == -signal.SIGKILL


def dead_pid() -> int:
    """The id of a process that is no more."""
    with subprocess.Popen(["true"]) as child:
        child.wait()
    return child.pid


def test_nothing_of_a_slate_is_left_behind(servers: Stack, slate: Slate) -> None:
    assert list(slate.entries()) == []
