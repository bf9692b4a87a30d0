"""The lease renewer: it outlives whatever happens to the processes that it looks after."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from structlog.testing import capture_logs

from bellhop_ledger.ledger import claim, control
from bellhop_ledger.ledger.events import Actor
from bellhop_ledger.ledger.submit import NewJob, submit_all
from bellhop_ledger.ledger.tables import State
from bellhop_ledger.platform.database import transaction, uuid7
from bellhop_worker.engine.interrupts import INTERRUPT
from bellhop_worker.engine.lease_renewer import PATIENCE, LeaseRenewer
from bellhop_worker.engine.slot_table import NOBODY, SlotTable
from bellhop_worker.settings import WorkerSettings
from tests.stack import Stack, wait_until
from tests.tasks.signatures import sleep

ME = Actor("user:me")


@pytest.fixture
def slots(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlotTable]:
    """A slot table for two processes."""
    monkeypatch.delenv("BELLHOP_SLOT_TABLE", raising=False)
    SlotTable.create(2)
    made = SlotTable(os.environ["BELLHOP_SLOT_TABLE"], 2)
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


def renewer(slots: SlotTable, tmp_path: Path, *pids: int, stop_timeout: float = 0) -> LeaseRenewer:
    """A lease renewer whose pool consists of these processes."""
    settings = WorkerSettings(heartbeat_file=tmp_path / "heartbeat", worker_stop_timeout=stop_timeout)
    return LeaseRenewer(slots, settings, lambda: pids, lambda: True)


def write(slots: SlotTable, slot: int, pid: int, lease: UUID = NOBODY, job: UUID = NOBODY) -> None:
    """Write a slot as the process with this id would."""
    slots.limit(slot, time.monotonic() + 60)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "getpid", lambda: pid)
        slots.write(slot, lease, job)


def cancelled_running_job(lease: UUID) -> UUID:
    """A job that runs and that somebody wants to stop."""
    with transaction() as db:
        [job] = submit_all(db, [NewJob(sleep, {"seconds": 60})], publish=False)
    with transaction() as db:
        claim.claim(db, [job.id], worker="w", lease=lease, seconds=60)
    with transaction() as db:
        control.cancel(db, job.id, keep=60, by=ME)
    return job.id


@pytest.mark.usefixtures("ledger")
def test_a_process_that_dies_while_the_worker_stops_does_not_end_the_lease_renewer(
    slots: SlotTable, tmp_path: Path
) -> None:
    write(slots, 0, pid=dead_pid(), lease=uuid4(), job=uuid7())
    stopping = renewer(slots, tmp_path)
    stopping.stop_soon()
    time.sleep(0.01)

    stopping.look_after()

    assert list(slots.entries()) == []


@pytest.mark.usefixtures("ledger")
def test_a_process_that_dies_before_it_can_be_asked_to_stop_its_job_does_not_end_the_lease_renewer(
    slots: SlotTable, tmp_path: Path
) -> None:
    gone, lease = dead_pid(), uuid4()
    write(slots, 0, pid=gone, lease=lease, job=cancelled_running_job(lease))

    renewer(slots, tmp_path, gone).look_after()


@pytest.mark.usefixtures("ledger")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_the_lease_renewer_lives_on_when_its_heartbeat_cannot_be_written(slots: SlotTable, tmp_path: Path) -> None:
    settings = WorkerSettings(heartbeat_file=tmp_path / "missing" / "heartbeat", lease_seconds=1)
    turns: list[float] = []

    def alive() -> bool:
        turns.append(time.monotonic())
        if len(turns) == 3:
            raise SystemExit  # ends the thread
        return True

    LeaseRenewer(slots, settings, lambda: [], alive).start()

    wait_until(lambda: all(thread.name != "lease-renewer" for thread in threading.enumerate()), patience=5)
    assert len(turns) == 3


@pytest.mark.usefixtures("ledger")
def test_a_job_that_is_cancelled_for_the_second_time_gets_time_to_react_again(
    slots: SlotTable, tmp_path: Path, sleeper: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    now, lease = [time.monotonic()], uuid4()
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    id = cancelled_running_job(lease)
    write(slots, 0, pid=sleeper.pid, lease=lease, job=id)
    one = renewer(slots, tmp_path, sleeper.pid)
    one.look_after()
    write(slots, 0, pid=sleeper.pid)  # it stopped the job, as it was asked to
    one.look_after()

    now[0] += PATIENCE + 1
    write(slots, 0, pid=sleeper.pid, lease=lease, job=id)  # somebody had it tried again, and cancels it again
    one.look_after()

    assert sleeper.poll() is None


@pytest.mark.usefixtures("ledger")
def test_a_process_that_has_died_and_whose_successor_has_begun_is_not_forgotten(
    slots: SlotTable, tmp_path: Path
) -> None:
    with transaction() as db:
        [job] = submit_all(db, [NewJob(sleep, {"seconds": 60})], publish=False)
    with transaction() as db:
        claim.claim(db, [job.id], worker="w", lease=(lease := uuid4()), seconds=3600)
    write(slots, slots.take(0), pid=dead_pid(), lease=lease)

    slots.take(0)
    renewer(slots, tmp_path, os.getpid()).look_after()

    with transaction() as db:
        assert control.find(db, job.id).state is State.QUEUED


@pytest.mark.usefixtures("ledger")
def test_a_body_over_its_hard_limit_is_killed_even_when_celery_does_not(
    slots: SlotTable, tmp_path: Path, sleeper: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    slot = slots.take(0)
    write(slots, slot, pid=sleeper.pid, job=uuid7())
    slots.limit(slot, time.monotonic() + 10)
    one = renewer(slots, tmp_path, sleeper.pid)
    one.look_after()
    assert sleeper.poll() is None

    later = time.monotonic() + 11 + PATIENCE
    monkeypatch.setattr(time, "monotonic", lambda: later)
    one.look_after()

    monkeypatch.undo()
    assert sleeper.wait(5) == -signal.SIGKILL


@pytest.mark.usefixtures("ledger")
def test_what_a_process_held_that_did_not_react_to_the_stop_is_handed_back_and_logged(
    slots: SlotTable, tmp_path: Path, sleeper: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction() as db:
        [job] = submit_all(db, [NewJob(sleep, {"seconds": 60})], publish=False)
    with transaction() as db:
        claim.claim(db, [job.id], worker="w", lease=(lease := uuid4()), seconds=3600)
    write(slots, 0, pid=sleeper.pid, lease=lease, job=job.id)
    one = renewer(slots, tmp_path, sleeper.pid)
    one.stop_soon()
    later = time.monotonic() + PATIENCE + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)

    with capture_logs() as logged:
        one.look_after()

    monkeypatch.undo()
    assert sleeper.wait(5) == -signal.SIGKILL
    assert {"event": "jobs_handed_back", "jobs": 1, "log_level": "info"} in logged
    with transaction() as db:
        assert control.find(db, job.id).state is State.QUEUED


def dead_pid() -> int:
    """The id of a process that is no more."""
    with subprocess.Popen(["true"]) as child:
        child.wait()
    return child.pid


def test_nothing_of_a_slot_table_is_left_behind(servers: Stack, slots: SlotTable) -> None:
    assert list(slots.entries()) == []
