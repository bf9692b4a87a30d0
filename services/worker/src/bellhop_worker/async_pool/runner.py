"""The runner of the pool: jobs wait for a slot, are claimed, run side by side, and are finished, many at a time."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy.exc import SQLAlchemyError

from bellhop_ledger.ledger.claim import Claimed
from bellhop_ledger.ledger.finish import Outcome
from bellhop_ledger.platform.log import get_logger
from bellhop_ledger.platform.metrics import jobs as metrics
from bellhop_worker.async_pool.attempt import Attempt
from bellhop_worker.async_pool.ledger import Ending, LedgerThreads
from bellhop_worker.async_pool.wire import Wire
from bellhop_worker.engine.binding import Body
from bellhop_worker.engine.execution import Outcomes, log_outcome
from bellhop_worker.engine.interrupts import Cancelled, Interrupted
from bellhop_worker.engine.recycling import Recycling
from bellhop_worker.engine.run import Progress, Run
from bellhop_worker.engine.runner import log_handed_back

log = get_logger(__name__)

PAUSE = 1.0
"""Seconds to wait before the next claim when the database cannot be used."""
LONGEST_WORDS = 1_000
"""Characters of a result or an error for Celery's events."""
TICK = 0.25
"""Seconds between two looks whether a job has waited for too long."""


@dataclass(frozen=True)
class Waiting:
    """A job that a message has named."""

    tag: int
    body: Body
    id: UUID
    since: float = field(default_factory=time.monotonic)


class AsyncRunner:
    """Runs at most `slots` jobs at once. All of it happens in the loop, but for what the ledger's threads do."""

    def __init__(
        self,
        ledger: LedgerThreads,
        wire: Wire,
        outcomes: Outcomes,
        recycling: Recycling,
        *,
        slots: int,
        budget: float,
        draining: Callable[[], bool] = lambda: False,
    ):
        self._ledger, self._wire, self._outcomes, self._recycling = ledger, wire, outcomes, recycling
        self._free, self._budget, self._draining = slots, budget, draining
        self._waiting: deque[Waiting] = deque()
        self._running: dict[UUID, Attempt] = {}
        self._endings: list[Ending] = []
        self._progress: dict[UUID, Progress] = {}
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._loop = asyncio.get_running_loop()
        self._stopping = False
        self.done = asyncio.Event()
        """Set when it was asked to stop and nothing is left to do."""

    def take(self, tag: int, body: Body, ids: Sequence[UUID]) -> None:
        """Take the jobs of a message, which the main process knows by its tag."""
        self._waiting.extend(Waiting(tag, body, id) for id in ids)
        self._go_on()

    def stop(self, ids: Sequence[UUID]) -> None:
        """Stop jobs that somebody has cancelled, or that are no longer ours."""
        for id in ids:
            if id in self._running:
                self._running[id].stop(Cancelled())

    def stop_soon(self) -> None:
        """Hand back what has not begun, and let the rest end."""
        self._stopping = True
        self._go_on()

    def interrupt(self) -> None:
        """Break all bodies off: their jobs go back to the queue."""
        for attempt in list(self._running.values()):
            attempt.stop(Interrupted())

    def _go_on(self) -> None:
        """Start whatever there is to do and nobody does yet."""
        self._start(self._requeue, wanted=(self._begins_none() and bool(self._waiting)) or self._is_overdue())
        self._start(self._claim, wanted=not self._begins_none() and bool(self._waiting) and self._free > 0)
        self._start(self._settle, wanted=bool(self._endings))
        self._start(self._report, wanted=bool(self._progress))
        self._start(self._tick, wanted=not self._stopping and bool(self._waiting))
        if self._stopping and not (self._waiting or self._running or self._endings or self._busy):
            self.done.set()

    def _start(self, act: Callable[[], Coroutine[Any, Any, None]], *, wanted: bool) -> None:
        """Start to do one thing, unless that is going on: what comes meanwhile is done at one go afterwards."""
        if wanted and act.__name__ not in self._busy:
            self._busy[act.__name__] = task = self._loop.create_task(act())
            task.add_done_callback(lambda _: self._is_done(act.__name__))

    def _is_done(self, name: str) -> None:
        del self._busy[name]
        self._go_on()

    def _begins_none(self) -> bool:
        """Whether what waits is handed back: the worker stops, or drains."""
        return self._stopping or self._draining()

    def _is_overdue(self) -> bool:
        return bool(self._waiting) and time.monotonic() - self._waiting[0].since > self._budget

    async def _tick(self) -> None:
        await asyncio.sleep(TICK)

    async def _requeue(self) -> None:
        """Hand back what waits and is not to begin, or has waited for so long that another worker may have room."""
        back: list[Waiting] = []
        while self._waiting and (self._begins_none() or self._is_overdue()):
            back.append(self._waiting.popleft())
        try:
            await self._ledger.requeue([one.id for one in back])
        except SQLAlchemyError as error:  # the sweep finds them
            log.warning("jobs_not_handed_back", jobs=len(back), error=repr(error)[:500])
        self._tell_gone(back)

    async def _claim(self) -> None:
        wanted = [self._waiting.popleft() for _ in range(min(self._free, len(self._waiting)))]
        self._free -= len(wanted)
        leases = {one.id: uuid4() for one in wanted}
        try:
            jobs = {job.id: job for job in await self._ledger.claim(leases)}
        except SQLAlchemyError as error:
            log.warning("jobs_not_claimed", jobs=len(wanted), error=repr(error)[:500])
            await asyncio.sleep(PAUSE)
            self._waiting.extendleft(replace(one, since=time.monotonic()) for one in reversed(wanted))
            self._free += len(wanted)
            return
        gone = [one for one in wanted if not self._begin(one, jobs.pop(one.id, None), leases)]
        self._free += len(gone)
        self._tell_gone(gone)

    def _begin(self, one: Waiting, job: Claimed | None, leases: Mapping[UUID, UUID]) -> bool:
        """Run a job, and return whether it is ours: a message may come twice, and a job may be cancelled."""
        if job is None:
            return False
        if earlier := self._running.get(job.id):
            earlier.stop(Cancelled())  # it has lost its lease, or the job could not be had
        attempt = Attempt(one.body, job, leases[job.id], self._outcomes, Run(job, self._note_progress))
        self._running[job.id] = attempt
        attempt.start(lambda attempt, outcome: self._end(attempt, one.tag, outcome))
        return True

    def _end(self, attempt: Attempt, tag: int, outcome: Outcome | None) -> None:
        if self._running.get(attempt.job.id) is attempt:
            del self._running[attempt.job.id]
        self._endings.append(Ending(attempt.job, attempt.lease, outcome, tag, attempt.body.signature.quiet))
        self._go_on()

    async def _settle(self) -> None:
        """Write down how all that has ended did."""
        now = {ending.job.id: ending for ending in self._endings}  # of a job that ended twice, the second run's waits
        self._endings = [ending for ending in self._endings if now[ending.job.id] is not ending]
        try:
            ours = await self._ledger.settle(list(now.values()))
        except SQLAlchemyError as error:  # their leases run out, and the sweep queues them again
            log.error("outcomes_lost", jobs=len(now), error=repr(error)[:500])
            ours = set()
        for ending in now.values():
            log_end(ending, is_ours=ending.job.id in ours)
        if back := [ending.job for ending in now.values() if ending.outcome is None]:
            log_handed_back(len(back))
        self._free += len(now)
        self._tell([(ending.tag, ending.job.id, *facts_of(ending, ours)) for ending in now.values()])
        self._recycling.count(len(now))
        if self._recycling.is_due() and not self._stopping:
            self._wire.send("leaving")
            self.stop_soon()

    def _note_progress(self, id: UUID, progress: Progress) -> None:
        """Pass this to a thread that writes it down; a body may call it in a thread of its own."""
        self._loop.call_soon_threadsafe(self._take_progress, id, progress)

    def _take_progress(self, id: UUID, progress: Progress) -> None:
        self._progress[id] = progress
        self._go_on()

    async def _report(self) -> None:
        progress, self._progress = self._progress, {}
        try:
            await self._ledger.report(progress)
        except SQLAlchemyError as error:
            log.warning("progress_not_reported", error=repr(error)[:200])

    def _tell_gone(self, gone: Sequence[Waiting]) -> None:
        self._tell([(one.tag, one.id, None, 0.0, "") for one in gone])

    def _tell(self, endings: Sequence[tuple[int, UUID, str | None, float, str]]) -> None:
        if endings:
            self._wire.send("settled", jobs=[(tag, str(id), *facts) for tag, id, *facts in endings])


def log_end(ending: Ending, *, is_ours: bool) -> None:
    """Log how a run ended, or that somebody else has its job now, so that what became of it counts for nothing."""
    if ending.outcome and is_ours:
        log_outcome(ending.outcome, quiet=ending.quiet)
    elif ending.outcome:
        metrics.DISCARDED.inc()
        log.warning("lease_lost", job_id=str(ending.job.id), task=ending.job.task)


def facts_of(ending: Ending, ours: set[UUID]) -> tuple[str | None, float, str]:
    """Return what Celery's events say of an end: state, seconds, and result or error."""
    outcome = ending.outcome
    if outcome is None or ending.job.id not in ours:
        return None, 0.0, ""
    failure = outcome.failure
    words = f"{failure.type}: {failure.message}" if failure else repr(outcome.result)
    return outcome.state, outcome.seconds, words[:LONGEST_WORDS]
