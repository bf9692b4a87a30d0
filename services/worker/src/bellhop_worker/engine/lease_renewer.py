"""The lease renewer: a thread of the worker's main process that keeps the leases of all its processes."""

import os
import signal
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from bellhop_ledger.ledger.control import keep_leases
from bellhop_ledger.ledger.finish import hand_back_leases
from bellhop_ledger.ledger.sweep import CRASHED, lose_leases
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.log import get_logger
from bellhop_ledger.platform.statements import autocommit
from bellhop_worker.engine import slot_table
from bellhop_worker.engine.celery_task import Kill, kills
from bellhop_worker.engine.heartbeat import HeartbeatWriter
from bellhop_worker.engine.interrupts import INTERRUPT
from bellhop_worker.engine.runner import log_handed_back
from bellhop_worker.engine.slot_table import NOBODY, Entry, SlotTable
from bellhop_worker.settings import WorkerSettings

log = get_logger(__name__)

PATIENCE = 5.0
"""Seconds that a body gets to react before its process is killed."""


class LeaseRenewer:
    """Renews leases, returns those of dead processes, stops jobs, and ends the worker in time."""

    def __init__(
        self,
        slots: SlotTable,
        settings: WorkerSettings,
        pids: Callable[[], Iterable[int]],
        alive: Callable[[], bool],
        heartbeat: HeartbeatWriter | None = None,
    ):
        self._slots, self._settings = slots, settings
        self._heartbeat = heartbeat or HeartbeatWriter(slots, settings.worker_queues)
        self._pids, self._alive = pids, alive
        self._keep = settings.retention_hours * 3600
        self._asked: dict[UUID, float] = {}
        self._stop_at: float | None = None
        self._woken = Event()

    def start(self) -> None:
        """Start the thread, which ends with the process."""
        Thread(target=self._run, name="lease-renewer", daemon=True).start()

    def stop_soon(self) -> None:
        """The worker is stopping: what does not end in time is interrupted and handed back."""
        self._slots.raise_flag(slot_table.STOPPING)
        self._stop_at = time.monotonic() + self._settings.worker_stop_timeout
        self._woken.set()

    def take_leave(self) -> None:
        """Record that the worker has stopped, if the database can be reached."""
        with suppress(SQLAlchemyError):
            self._heartbeat.stop()

    def _run(self) -> None:
        period = min(1.0, self._settings.lease_seconds / 5)
        while True:
            self._woken.wait(period)
            self._woken.clear()
            try:
                self.look_after()
            except SQLAlchemyError as error:
                log.warning("leases_not_renewed", error=repr(error)[:500])
            except Exception:  # without this thread the worker would lose all that it runs
                log.exception("lease_renewer_failed")

    def look_after(self) -> None:
        """Do all of it once."""
        entries = list(self._slots.entries())
        pids = set(self._pids())
        living = [entry for entry in entries if entry.pid in pids]
        self._give_back_dead([entry for entry in entries if entry.pid not in pids])
        self._keep_living(living)
        self._kill_overdue(living)
        if self._stop_at and time.monotonic() > self._stop_at:
            self._interrupt(living)
        if self._alive():
            Path(self._settings.heartbeat_file).touch()
            self._heartbeat.beat_if_due(living)

    def _give_back_dead(self, dead: list[Entry]) -> None:
        for entry in dead:
            if entry.lease != NOBODY:
                self._lose(entry, kills.pop(entry.pid, Kill(CRASHED)))
            self._slots.free(entry.slot)

    def _lose(self, entry: Entry, kill: Kill) -> None:
        late = [entry.job] if kill.timed_out else []
        with transaction() as db:
            lost = lose_leases(db, [entry.lease], keep=self._keep, reason=kill.reason, timed_out=late)
        for job in lost:
            facts = {"job_id": str(job.id), "task": job.task, "now": job.state, "attempt": job.attempt}
            log.error("job_lost", **facts, reason=kill.reason)

    def _keep_living(self, living: list[Entry]) -> None:
        busy = [entry for entry in living if entry.is_busy]
        wishes = self._keep_up(busy) if busy else set()
        self._asked = {job: first for job, first in self._asked.items() if job in wishes}
        for entry in busy:
            if entry.job in wishes:
                self._stop(entry)

    def _keep_up(self, busy: list[Entry]) -> set[UUID]:
        """Renew the leases and return those of the running jobs that are to be stopped."""
        leases = [entry.lease for entry in busy if entry.lease != NOBODY]
        with autocommit() as db:
            return set(keep_leases(db, leases, [entry.job for entry in busy], seconds=self._settings.lease_seconds))

    def _kill_overdue(self, living: list[Entry]) -> None:
        """Kill what is far over its hard limit: Celery cannot while it waits for a Redis that is away."""
        for entry in living:
            if entry.job != NOBODY and time.monotonic() > entry.until + PATIENCE:
                kills[entry.pid] = Kill("The job was killed: it took longer than its hard limit", timed_out=True)
                send(entry, signal.SIGKILL)

    def _stop(self, entry: Entry) -> None:
        """Ask the process to stop its job, and kill it when it does not react."""
        first = self._asked.setdefault(entry.job, time.monotonic())
        if time.monotonic() - first > PATIENCE:
            kills[entry.pid] = Kill("The job was cancelled and its process killed, for it did not react")
            send(entry, signal.SIGKILL)
        else:
            self._slots.ask_to_stop(entry.slot, entry.job)
            send(entry, INTERRUPT)

    def _interrupt(self, living: list[Entry]) -> None:
        """Interrupt all bodies, because the worker's time is up, and kill those that do not react."""
        busy = [entry for entry in living if entry.job != NOBODY]
        late = self._stop_at is not None and time.monotonic() > self._stop_at + PATIENCE
        self._slots.raise_flag(slot_table.INTERRUPTING)
        for entry in busy:
            send(entry, signal.SIGKILL if late else INTERRUPT)
        if late:
            self._hand_back([entry.lease for entry in busy if entry.lease != NOBODY])

    def _hand_back(self, leases: list[UUID]) -> None:
        """Return to the queue what the killed processes held."""
        with transaction() as db:
            returned = hand_back_leases(db, leases)
        log_handed_back(returned)


def send(entry: Entry, number: signal.Signals) -> None:
    """Send a signal to a process, which may have died a moment ago."""
    with suppress(ProcessLookupError):
        os.kill(entry.pid, number)
