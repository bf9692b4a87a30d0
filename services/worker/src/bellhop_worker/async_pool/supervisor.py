"""The supervisor: a thread of the main process that looks after the process of the pool for as long as that lives."""

import os
import signal
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock, Thread
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from bellhop_ledger.ledger.control import keep_leases
from bellhop_ledger.ledger.finish import hand_back_leases, requeue_unclaimed
from bellhop_ledger.ledger.heartbeats import count_runs
from bellhop_ledger.ledger.sweep import CRASHED, lose_leases
from bellhop_ledger.ledger.tables import State
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.log import get_logger
from bellhop_ledger.platform.policies import policy_of
from bellhop_ledger.platform.statements import autocommit
from bellhop_worker.async_pool.wire import Wire
from bellhop_worker.engine.lease_renewer import PATIENCE
from bellhop_worker.engine.runner import log_handed_back
from bellhop_worker.settings import WorkerSettings

log = get_logger(__name__)

Settled = tuple[int, str, str | None, float, str]
"""The tag of a message, the job, its state (none: it was not ours), the seconds of its run, and what came of it."""


@dataclass
class Running:
    """A job that the process runs."""

    lease: UUID
    task: str
    until: float
    """When it reaches its hard limit, by the monotonic clock."""


class Killed(NamedTuple):
    """Why the process had to be killed."""

    reason: str
    guilty: Collection[UUID]
    """The jobs whose fault it was."""
    timed_out: Collection[UUID] = ()
    """Those that took longer than their hard limit."""


class Supervisor:
    """Keeps the leases of one process, stops what is to be stopped, and gives back what it has when it dies."""

    def __init__(
        self,
        pid: int,
        wire: Wire,
        settings: WorkerSettings,
        *,
        settled: Callable[[Sequence[Settled]], None],
        over: Callable[[], None],
    ):
        self.pid, self._wire, self._settings, self._settled, self._over = pid, wire, settings, settled, over
        self._handed: set[UUID] = set()
        """What it has been given and not claimed yet."""
        self._lock = Lock()
        """Held while more is given, so that all of it is seen when the process has died."""
        self._running: dict[UUID, Running] = {}
        self._asked: dict[UUID, float] = {}
        self._blocked_by: UUID | None = None
        self._ends: list[State] = []
        self._stop_at: float | None = None
        self.is_leaving = False
        """Whether the process has done enough: it only ends what it runs, and is replaced then."""
        self._killed: Killed | None = None
        self._thread = Thread(target=self._run, name="async-supervisor", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._wire.start()
        self._thread.start()

    def running(self) -> list[UUID]:
        """Return the jobs that the process runs."""
        return list(self._running.copy())

    def is_over(self, wait: float = 0) -> bool:
        """Whether the process is dead and all that it had is given back, after waiting so many seconds for it."""
        self._thread.join(wait)
        return not self._thread.is_alive()

    def hand_over(self, tag: int, task: str, ids: Sequence[str]) -> bool:
        """Pass the jobs of a message to the process, and return whether it was still there to take them."""
        with self._lock:
            if self._wire.ended:
                return False
            self._handed.update(map(UUID, ids))
        self._wire.send("run", tag=tag, task=task, ids=ids)
        return True

    def stop_soon(self) -> None:
        """The worker stops: what has not begun is handed back, and in the end what does not end in time."""
        self._stop_at = time.monotonic() + self._settings.worker_stop_timeout
        self._wire.send("stop_soon")

    def kill(self, reason: str, guilty: Collection[UUID], timed_out: Collection[UUID] = ()) -> None:
        """Kill the process; the jobs that are not guilty of it go back to the queue without using up an attempt."""
        self._killed = self._killed or Killed(reason, guilty, timed_out)
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    def _run(self) -> None:
        period, due = min(1.0, self._settings.lease_seconds / 5), 0.0
        while not self._wire.ended:
            try:
                self._read(max(due - time.monotonic(), 0))
                if time.monotonic() >= due:
                    due = time.monotonic() + period
                    self._look_after()
            except SQLAlchemyError as error:
                log.warning("leases_not_kept", error=repr(error)[:500])
            except Exception:  # without this thread the worker would lose all that the process runs
                log.exception("supervisor_failed")
        _, status = os.waitpid(self.pid, 0)
        if code := os.waitstatus_to_exitcode(status):
            log.error("async_pool_died", exit_code=code, running=len(self._running))
        self._clear_up()

    def _read(self, timeout: float) -> None:
        for kind, facts in self._wire.receive(timeout):
            match kind:
                case "claimed":
                    self._note_claimed(facts["jobs"])
                case "settled":
                    self._note_settled(facts["jobs"])
                case "leaving":
                    self.is_leaving = True
                case "blocked":
                    self._blocked_by = UUID(facts["job"]) if facts["job"] else None

    def _note_claimed(self, jobs: Iterable[tuple[str, str, str, float]]) -> None:
        for id, lease, task, hard in jobs:
            self._running[UUID(id)] = Running(UUID(lease), task, time.monotonic() + hard)
            self._handed.discard(UUID(id))

    def _note_settled(self, jobs: Sequence[Settled]) -> None:
        for _, id, state, *_ in jobs:
            self._handed.discard(UUID(id))
            job = self._running.pop(UUID(id), None)
            if job and state and not policy_of(job.task).quiet:
                self._ends.append(State(state))
        self._settled(jobs)

    def _look_after(self) -> None:
        """Do once a second what is to be done."""
        self._kill_overdue()
        self._break_off()
        if self._running:
            self._keep_up(dict(self._running))
        if self._ends:
            self._count()

    def _keep_up(self, running: Mapping[UUID, Running]) -> None:
        """Keep the leases up, and stop the jobs that somebody has cancelled or that have lost theirs."""
        leases = {id: job.lease for id, job in running.items()}
        with autocommit() as db:
            seconds = self._settings.lease_seconds
            stop = keep_leases(db, list(leases.values()), list(running), seconds=seconds, own=leases)
        self._asked = {id: self._asked.get(id, time.monotonic()) for id in stop}
        if stop:
            self._wire.send("stop", jobs=[str(id) for id in stop])
        for id, first in self._asked.items():
            if id == self._blocked_by and time.monotonic() - first > PATIENCE:
                self.kill("The job was cancelled and its process killed, for it blocked the event loop", {id})

    def _kill_overdue(self) -> None:
        """Kill the process when a job blocks its loop that is over its hard limit, or when it does nothing any more."""
        for id, job in self._running.items():
            late = time.monotonic() - job.until
            if late > PATIENCE and id == self._blocked_by:
                self.kill("The process was killed: the job blocked the event loop beyond its hard limit", {id}, {id})
            elif late > 4 * PATIENCE:
                self.kill("The process was killed: its event loop did not turn any more", set(self._running), {id})

    def _break_off(self) -> None:
        """The time for the stop is over: interrupt all bodies, and kill the process if they do not end."""
        if self._stop_at is not None and time.monotonic() > self._stop_at + PATIENCE:
            self.kill("The worker has stopped", ())
        elif self._stop_at is not None and time.monotonic() > self._stop_at:
            self._wire.send("interrupt")

    def _count(self) -> None:
        """Count what has ended, for the figures of the whole system."""
        ends, self._ends = self._ends, []
        numbers = [ends.count(state) for state in (State.SUCCEEDED, State.FAILED, State.SCHEDULED)]
        with transaction() as db:
            count_runs(db, *numbers)

    def _clear_up(self) -> None:
        """Hand back all that the dead process had; a worker that stops leaves it to the sweep when Postgres is away."""
        while True:
            try:
                with self._lock:
                    waiting = list(self._handed)
                self._give_back(dict(self._running), waiting)
                break
            except SQLAlchemyError as error:
                log.warning("jobs_not_given_back", error=repr(error)[:500])
                if self._stop_at is not None:
                    break
                time.sleep(1)
        self._over()

    def _give_back(self, running: Mapping[UUID, Running], waiting: Collection[UUID]) -> None:
        reason, guilty, timed_out = self._killed or Killed(CRASHED, running)
        to_lose = [job.lease for id, job in running.items() if id in guilty]
        innocent = [job.lease for id, job in running.items() if id not in guilty]
        keep = self._settings.retention_hours * 3600
        with transaction() as db:
            lost = lose_leases(db, to_lose, keep=keep, reason=reason, timed_out=timed_out)
            returned = hand_back_leases(db, innocent, counted=False)
            requeue_unclaimed(db, list(waiting))
        log_handed_back(returned)
        for id, task, state, attempt, _ in lost:
            log.error("job_lost", job_id=str(id), task=task, now=state, attempt=attempt, reason=reason)
        if self._ends:
            self._count()
