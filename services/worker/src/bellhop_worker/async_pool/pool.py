"""The pool as the main process has it: it hands the jobs of messages over, and reports to Celery how they ended."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from celery.worker import state as celery_state
from celery.worker.request import Request
from kombu.asynchronous import Hub

from bellhop_ledger.ledger.tables import State
from bellhop_ledger.platform.log import get_logger
from bellhop_worker.async_pool.process import live
from bellhop_worker.async_pool.supervisor import Settled, Supervisor
from bellhop_worker.async_pool.wire import pair
from bellhop_worker.engine import slot_table
from bellhop_worker.engine.heartbeat import AsyncProcess
from bellhop_worker.engine.lease_renewer import PATIENCE
from bellhop_worker.engine.process import slots
from bellhop_worker.settings import WorkerSettings

log = get_logger(__name__)

LONGEST_STOP = 2 * PATIENCE
"""Seconds beyond the time for a stop after which nobody waits for the process any more."""


@dataclass
class Handed:
    """A message whose jobs the process has, and how those of them have ended that did."""

    request: Request
    jobs: int
    endings: list[Settled] = field(default_factory=list)


class AsyncPool:
    """One process, started again when it dies. All methods are called in the main thread."""

    def __init__(self, settings: WorkerSettings, hostname: str, hub: Hub):
        self._settings, self._hostname, self._hub = settings, hostname, hub
        self._handed: dict[int, Handed] = {}
        self._early: list[int] = []
        """Messages that came between the death of a process and the start of the next."""
        self._tags = 0
        self._jobs = 0
        self._stopping = False
        self._slots = slots()
        self._supervisor: Supervisor | None = None

    def start(self) -> None:
        """Fork the process."""
        ours, theirs = pair()
        if not (pid := os.fork()):
            ours.drop()
            live(theirs, self._hostname)
        theirs.drop()
        self._supervisor = Supervisor(
            pid,
            ours,
            self._settings,
            settled=lambda jobs: self._hub.call_soon(self._note_settled, jobs),
            over=lambda: self._hub.call_soon(self._note_over),
        )
        self._supervisor.start()
        for tag in self._early:
            request = self._handed[tag].request
            self._supervisor.hand_over(tag, request.name, request.request_dict["jobs"])
        self._early.clear()
        log.info("async_pool_started", slots=self._settings.worker_async_slots, pid=pid)

    def look(self) -> None:
        """Start another process when the last one is dead or has left, and all that it had is given back."""
        if self._supervisor and self._supervisor.is_over() and not self._stopping:
            self._note_over()
            self.start()

    def has_room(self) -> bool:
        """Whether the process may be given another message."""
        if self._stopping or self._supervisor is None or self._supervisor.is_leaving:
            return False
        return self._jobs < self._settings.worker_async_slots and not self._slots.flag(slot_table.DRAINING)

    def seen(self) -> AsyncProcess | None:
        """Return the process and what it runs; another thread may ask."""
        supervisor = self._supervisor
        if supervisor is None:
            return None
        return AsyncProcess(supervisor.pid, self._settings.worker_async_slots, supervisor.running())

    def take(self, request: Request) -> None:
        """Hand the jobs of a message over."""
        assert self._supervisor is not None
        ids: list[str] = request.request_dict["jobs"]
        self._tags += 1
        self._jobs += len(ids)
        self._handed[self._tags] = Handed(request, len(ids))
        request.on_accepted(self._supervisor.pid, time.monotonic())
        if not self._supervisor.hand_over(self._tags, request.name, ids):
            self._early.append(self._tags)

    def stop_soon(self) -> None:
        """Begin the countdown of a stop."""
        self._stopping = True
        if self._supervisor:
            self._supervisor.stop_soon()

    def stop(self) -> None:
        """Wait until the process has ended its jobs or handed them back."""
        if not self._stopping:
            self.stop_soon()
        if self._supervisor and not self._supervisor.is_over(self._settings.worker_stop_timeout + LONGEST_STOP):
            log.warning("async_pool_not_stopped")

    def terminate(self) -> None:
        """End it at once."""
        if self._supervisor:
            self._supervisor.kill("The worker was terminated", ())
            self._supervisor.is_over(PATIENCE)

    def _note_settled(self, jobs: Sequence[Settled]) -> None:
        for ending in jobs:
            tag = ending[0]
            if (handed := self._handed.get(tag)) is None:
                continue
            self._jobs -= 1
            handed.endings.append(ending)
            if len(handed.endings) == handed.jobs:
                self._conclude(self._handed.pop(tag))

    def _note_over(self) -> None:
        """The process is dead, and what it had is queued again with messages of its own."""
        for tag in self._handed.keys() - {*self._early}:
            self._conclude(self._handed.pop(tag))
        self._jobs = sum(handed.jobs for handed in self._handed.values())

    def _conclude(self, handed: Handed) -> None:
        try:
            conclude(handed)
        except Exception:  # the ledger knows the jobs, and an error here would end the worker
            log.exception("message_not_concluded")


def conclude(handed: Handed) -> None:
    """Report to Celery that a message is done, and with an event how it went, as for any other task."""
    request = handed.request
    celery_state.task_ready(request)
    request.acknowledge()
    ended = [one for one in handed.endings if one[2]]
    if handed.jobs > 1 and ended:
        states = [one[2] for one in ended]
        counts = {"jobs": handed.jobs, **{str(state): states.count(state) for state in sorted({*states}, key=str)}}
        request.send_event("task-succeeded", result=repr(counts), runtime=max(one[3] for one in ended))
    elif ended:
        kind, facts = event_of(ended[0])
        request.send_event(kind, **facts)


def event_of(ending: Settled) -> tuple[str, dict[str, Any]]:
    """Return the kind and the facts of the event for one job."""
    _, _, state, seconds, words = ending
    match State(str(state)):
        case State.SUCCEEDED:
            return "task-succeeded", {"result": words, "runtime": seconds}
        case State.SCHEDULED:
            return "task-retried", {"exception": words, "traceback": ""}
        case State.FAILED:
            return "task-failed", {"exception": words, "traceback": ""}
    return "task-revoked", {"terminated": True, "signum": None, "expired": False}
