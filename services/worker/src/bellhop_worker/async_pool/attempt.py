"""An attempt: one coroutine that runs a body, and all by which it can be broken off."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Generator
from contextvars import ContextVar, copy_context
from dataclasses import replace
from typing import Any
from uuid import UUID

from bellhop_ledger.ledger.claim import Claimed
from bellhop_ledger.ledger.finish import Outcome
from bellhop_ledger.ledger.tables import State
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.log import bound, get_logger
from bellhop_ledger.platform.metrics import jobs as metrics
from bellhop_worker.engine import interrupts
from bellhop_worker.engine.binding import Body
from bellhop_worker.engine.execution import Outcomes
from bellhop_worker.engine.interrupts import Cancelled, Interrupted, TimeLimitExceeded
from bellhop_worker.engine.results import ready
from bellhop_worker.engine.run import Run
from bellhop_worker.engine.spans import attempt, note
from bellhop_worker.job_logs import Recording

log = get_logger(__name__)

CLEANUP = 3.0
"""Seconds that a body has to tidy up when it is broken off; then it is left alone, and its job ends without it."""

current: ContextVar["Attempt | None"] = ContextVar("attempt", default=None)
"""The one to which the running code belongs; tasks that a body starts inherit it."""


class SoftTimeLimitExceeded(interrupts.SoftTimeLimitExceeded, asyncio.CancelledError):
    """The body's time is up.

    To a body it is what it is in a process of the pool. To what the body waits for it is a cancel, so that a TaskGroup
    stops its tasks, which it does for no other error that comes from outside.
    """


class Attempt:
    """Runs the body of one job, and calls `ended` with its outcome: None where the worker's stop has broken it off."""

    def __init__(self, body: Body, job: Claimed, lease: UUID, outcomes: Outcomes, run: Run):
        self.body, self.job, self.lease = body, job, lease
        self._outcomes, self._given = outcomes, run
        self._reason: Cancelled | Interrupted | TimeLimitExceeded | None = None
        self._soft_is_due = False
        self._started = clock.now()
        self._timers: list[asyncio.TimerHandle] = []
        self._log = Recording(job)
        self._soft, self._hard = body.limits_of(job)

    def start(self, ended: Callable[["Attempt", Outcome | None], None]) -> None:
        """Begin, in the running loop."""
        loop = asyncio.get_running_loop()
        self._ended: Callable[[Attempt, Outcome | None], None] | None = ended
        context = copy_context()
        context.run(current.set, self)
        self._task = loop.create_task(self._run(), name=f"job {self.job.id}", context=context)
        self._task.add_done_callback(self._settle)
        self._timers.append(loop.call_later(self._soft, self._soft_limit))
        self._timers.append(loop.call_later(self._hard, self._hard_limit))

    def stop(self, reason: Cancelled | Interrupted | TimeLimitExceeded) -> None:
        """Cancel the body, once; if it does not end in time, go on without it."""
        if self._reason is None and not self._task.done():
            self._reason = reason
            self._task.cancel()
            self._timers.append(asyncio.get_running_loop().call_later(CLEANUP, self._abandon))

    def _soft_limit(self) -> None:
        if self._reason is None:
            self._soft_is_due = True
            self._task.cancel()

    def _hard_limit(self) -> None:
        self.stop(TimeLimitExceeded(f"The job was broken off: it took longer than its hard limit of {self._hard:g} s"))

    def turned(self, error: BaseException) -> BaseException:
        """Return what a body gets instead of the CancelledError by which its soft limit reaches it."""
        if self._soft_is_due and self._reason is None and isinstance(error, asyncio.CancelledError):
            self._soft_is_due = False
            self._task.uncancel()
            return SoftTimeLimitExceeded(f"The job took longer than its limit of {self._soft:g} s")
        return error

    async def _run(self) -> Outcome:
        """Run the body. Raises Interrupted where the worker's stop has broken it off."""
        job, began = self.job, time.perf_counter()
        metrics.started(job.task)
        facts = {"job_id": str(job.id), "task": job.task, "request_id": job.request_id}
        with attempt(self.body.signature, job) as span, bound({**facts, **span.ids}), self._log:
            outcome = await self._outcome()
            note(span, outcome)
        return replace(outcome, seconds=time.perf_counter() - began)

    async def _outcome(self) -> Outcome:
        if self.job.cancelled:
            return self._outcomes.ended(self.body, self.job, State.CANCELLED, self._started)
        try:
            result = ready(self.body.signature, await Steered(self.body.call(self._given), self))
        except BaseException as error:  # a body may raise anything
            return self._broken(error)
        return self._outcomes.ended(self.body, self.job, State.SUCCEEDED, self._started, result=result)

    def _broken(self, error: BaseException) -> Outcome:
        """Decide by what has broken the body off, for it may have turned that into another error."""
        match self._reason:
            case Interrupted():
                raise Interrupted from None
            case Cancelled():
                return self._outcomes.ended(self.body, self.job, State.CANCELLED, self._started)
            case TimeLimitExceeded() as limit:
                error = limit.with_traceback(error.__traceback__)
        return self._outcomes.failed(self.body, self.job, self._started, error)

    def _settle(self, task: "asyncio.Task[Outcome]") -> None:
        if not task.cancelled() and task.exception() is None:
            self._end(task.result())
        elif self._ended:
            self._end_by(asyncio.CancelledError() if task.cancelled() else task.exception())

    def _abandon(self) -> None:
        if not self._task.done():
            log.error("body_abandoned", job_id=str(self.job.id), task=self.job.task, seconds=CLEANUP)
            self._end_by(asyncio.CancelledError())

    def _end_by(self, error: BaseException | None) -> None:
        """End without an outcome of the body's own: it never began, is left alone, or was interrupted."""
        try:
            self._end(self._broken(error or asyncio.CancelledError()))
        except Interrupted:
            self._end(None)

    def _end(self, outcome: Outcome | None) -> None:
        self._log.close()
        for timer in self._timers:
            timer.cancel()
        if ended := self._ended:
            self._ended = None
            ended(self, outcome)


class Steered:
    """Drives a body's coroutine, so that what breaks it off reaches it as what it is."""

    def __init__(self, body: Coroutine[Any, Any, Any], attempt: Attempt):
        self._body, self._attempt = body, attempt

    def __await__(self) -> Generator[Any, Any, Any]:
        """Return the body's own steps."""
        return self  # type: ignore[return-value]  # all of a generator that `await` uses

    def __iter__(self) -> "Steered":
        return self

    def __next__(self) -> Any:
        return self._body.send(None)

    def send(self, value: Any) -> Any:
        """Go on."""
        return self._body.send(value)

    def throw(self, error: BaseException, *_: Any) -> Any:
        """Raise an error in the body where it waits."""
        return self._body.throw(self._attempt.turned(error))

    def close(self) -> None:
        """End the body."""
        self._body.close()
