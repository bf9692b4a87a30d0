"""Interrupts: how a body is broken off, by its time limit, by a wish to cancel it, or by the worker's stop."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from uuid import UUID

from billiard.exceptions import SoftTimeLimitExceeded

from bellhop_worker import slate as slates
from bellhop_worker.slate import NOBODY, Slate


class Cancelled(BaseException):
    """Somebody asked to stop the job. Not an Exception, so that a body does not catch it by accident."""


class Interrupted(BaseException):
    """The worker is stopping and can wait no longer: the job goes back to the queue."""


class Interrupts:
    """Lets signals through only while a body runs, so that they never hit the ledger's own statements."""

    def __init__(self, slate: Slate, slot: int):
        self.slate, self.slot = slate, slot
        self._job = NOBODY

    def listen(self) -> None:
        """Take the signals over."""
        signal.signal(signal.SIGALRM, self._time_is_up)
        signal.signal(signal.SIGUSR1, self._asked)
        # A stop of the whole process group is the main process' affair; it lets us finish.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)

    @contextmanager
    def allowed(self, job: UUID, lease: UUID, soft: float, hard: float) -> Iterator[None]:
        """Run the block as the body of this job: interrupted after `soft` seconds, killed after `hard` ones."""
        self.slate.ask_to_stop(self.slot, NOBODY)  # a wish that came too late for an earlier run is not for this one
        self.slate.limit(self.slot, time.monotonic() + hard)
        self.slate.write(self.slot, lease, job)
        signal.setitimer(signal.ITIMER_REAL, soft)
        try:
            self._job = job
            self._asked()  # it may have been asked for before we listened
            try:
                yield
            finally:
                self._job = NOBODY
        finally:
            self._job = NOBODY  # again: a signal may have come between the body's end and the line above
            signal.setitimer(signal.ITIMER_REAL, 0)
            self.slate.write(self.slot, lease)

    def _time_is_up(self, signum: int, frame: FrameType | None) -> None:
        if self._job != NOBODY:
            raise SoftTimeLimitExceeded

    def _asked(self, signum: int = 0, frame: FrameType | None = None) -> None:
        if self._job == NOBODY:
            return
        if self.slate.asked_to_stop(self.slot) == self._job:
            raise Cancelled
        if self.slate.flag(slates.INTERRUPTING):
            raise Interrupted
