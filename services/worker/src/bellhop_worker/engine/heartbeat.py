"""The heartbeat: others see by it that this worker lives, what its processes run and what it has done."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from bellhop_ledger.ledger import heartbeats, service_events
from bellhop_ledger.ledger.heartbeats import Service, own_name
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.log import get_logger
from bellhop_worker.engine import slot_table
from bellhop_worker.engine.recycling import resident_mib
from bellhop_worker.engine.slot_table import NOBODY, Counts, Entry, SlotTable

log = get_logger(__name__)

NOTHING = Counts(0, 0, 0)
MOST_NAMED = 200
"""Jobs of the async pool that a heartbeat names; it says how many there are."""


@dataclass(frozen=True)
class AsyncProcess:
    """The process of the async pool."""

    pid: int
    slots: int
    running: Sequence[UUID]
    """The jobs that it runs."""


class HeartbeatWriter:
    """One statement every few seconds for the whole worker, whatever it runs."""

    def __init__(
        self,
        slots: SlotTable,
        queues: str,
        *,
        release: str | None = None,
        sign: Callable[[], None] = lambda: None,
        async_process: Callable[[], AsyncProcess | None] = lambda: None,
    ):
        self._slots, self._queues, self._release = slots, queues, release
        self._sign, self._async_process = sign, async_process
        self._name = own_name(Service.WORKER)
        self._has_started = False
        self._reported: dict[int, Counts] = {}
        self._next = 0.0

    def hurry(self) -> None:
        """Send the next heartbeat at the next look, not when it is due."""
        self._next = 0.0

    def beat_if_due(self, living: Sequence[Entry]) -> None:
        """Send the worker's heartbeat when it is due."""
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + heartbeats.PERIOD
            self._beat(living)
            self._sign()

    def stop(self) -> None:
        """Report what was not reported yet, and that the worker stops."""
        self._beat([])
        with transaction() as db:
            service_events.note_stop(db, self._name)

    def _beat(self, living: Sequence[Entry]) -> None:
        now = self._slots.counts()
        new = [since(self._reported.get(slot, NOTHING), counts) for slot, counts in now.items()]
        with transaction() as db:
            if not self._has_started:
                service_events.note_start(db, self._name, Service.WORKER, self._release)
            drains = heartbeats.beat(
                db,
                self._name,
                Service.WORKER,
                queues=self._queues,
                release=self._release,
                processes=len(living),
                busy=sum(entry.is_busy for entry in living),
                memory=resident_mib(),
                pool=pool_of(living, self._async_process(), draining=self._slots.flag(slot_table.DRAINING)),
                succeeded=sum(counts.succeeded for counts in new),
                failed=sum(counts.failed for counts in new),
                retried=sum(counts.retried for counts in new),
            )
        self._reported, self._has_started = now, True
        self._drain(drains)

    def _drain(self, drains: bool) -> None:
        """Take no new jobs from now on, or take some again, as people have asked for."""
        if drains != self._slots.flag(slot_table.DRAINING):
            self._slots.raise_flag(slot_table.DRAINING, to=drains)
            self.hurry()  # people wait for its answer
            log.info("worker_drains" if drains else "worker_resumed")


def pool_of(living: Sequence[Entry], async_process: AsyncProcess | None, *, draining: bool) -> dict[str, Any]:
    """Return what the processes of a worker do, for people who look at it; memory is in MiB."""
    return {
        "draining": draining,
        "processes": [process_of(entry) for entry in living],
        "async": async_process and async_facts_of(async_process),
    }


def process_of(entry: Entry) -> dict[str, Any]:
    """Return what a process of the pool does: the lease under which it has claimed, and the job whose body runs."""
    runs = entry.job != NOBODY
    return {
        "pid": entry.pid,
        "memory": resident_mib(entry.pid),
        "lease": str(entry.lease) if entry.lease != NOBODY else None,
        "job": str(entry.job) if runs else None,
        "since": moment_of(entry.since).isoformat() if runs else None,
    }


def async_facts_of(process: AsyncProcess) -> dict[str, Any]:
    """Return what the process of the async pool does."""
    return {
        "pid": process.pid,
        "memory": resident_mib(process.pid),
        "slots": process.slots,
        "running": len(process.running),
        "jobs": [str(id) for id in process.running[:MOST_NAMED]],
    }


def moment_of(monotonic: float) -> datetime:
    """Return the time at which the monotonic clock showed this."""
    return clock.now() - timedelta(seconds=time.monotonic() - monotonic)


def since(before: Counts, now: Counts) -> Counts:
    """Return what was added."""
    return Counts(now.succeeded - before.succeeded, now.failed - before.failed, now.retried - before.retried)
