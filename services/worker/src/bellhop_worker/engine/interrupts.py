"""Interrupts: how a body is interrupted by its time limit, by a cancel, or by the worker's stop."""

import os
import signal
import time
from collections.abc import Callable
from importlib import import_module
from threading import main_thread
from types import FrameType
from typing import Any, TypeVar
from uuid import UUID

from billiard import exceptions
from celery.platforms import set_pdeathsig

from bellhop_worker.engine import slot_table
from bellhop_worker.engine.alarm import NEVER, Alarm
from bellhop_worker.engine.slot_table import NOBODY, SlotTable

T = TypeVar("T")
calls: Any = import_module("_signal")
"""What the functions of `signal` are made of. Those make enumerations of all that they return, which takes ten times as
long as the system calls, and ours are made after each body."""

INTERRUPT = signal.SIGRTMIN
"""Makes a process look whether its body is to be broken off. Libraries do not use it; they do use SIGALRM and
SIGUSR1, which are left to bodies."""
QUIET = (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1)
"""Do nothing to a process of the pool: a stop of the whole process group is the main process' affair. They have a
handler because a signal that is ignored would stay so in every program that a body starts."""

OURS = (INTERRUPT, signal.SIGALRM, *QUIET)


class Cancelled(BaseException):
    """Somebody asked to stop the job. Not an Exception, so that a body does not catch it by accident."""


class Interrupted(BaseException):
    """The worker is stopping and can wait no longer: the job goes back to the queue."""


class SoftTimeLimitExceeded(exceptions.SoftTimeLimitExceeded):  # type: ignore[misc]
    """The body's time is up. The same to a body as Celery's, with a message for people."""

    def __str__(self) -> str:
        return str(self.args[0])


class TimeLimitExceeded(Exception):
    """The body was broken off: it took longer than its hard limit."""


TIMED_OUT = exceptions.SoftTimeLimitExceeded, TimeLimitExceeded
"""Errors with which a body ends whose time was up."""


class UnexpectedAlarm(Exception):
    """A SIGALRM came, for which the body has set no handler; elsewhere it would have ended the process."""


class Interrupts:
    """Lets signals through only while a body runs, so that they never hit the ledger's own statements."""

    def __init__(self, slots: SlotTable, slot: int, *, limited: bool = True):
        self.slots, self.slot = slots, slot
        self._limited = limited
        self.sent: Cancelled | Interrupted | None = None
        """What the last body was interrupted with, whatever it turned that into."""
        self._job, self._until, self._soft = NOBODY, NEVER, 0.0
        self._listens = False
        self._mask: set[signal.Signals | int] = set()
        self._alarm = Alarm(lambda: signal.pthread_kill(main_thread().ident or 0, INTERRUPT))

    def listen(self) -> None:
        """Take the signals over, in the main thread of a process of the pool."""
        self._listens = True
        self._take_signals()
        self._alarm.start()
        os.register_at_fork(
            before=self._hold_signals, after_in_parent=self._release_signals, after_in_child=self._leave_signals
        )

    def run(self, act: Callable[[], T], job: UUID, lease: UUID, soft: float, hard: float) -> T:
        """Call `act`, the body of this job: interrupted after `soft` seconds, killed after `hard` ones.

        Its errors pass untouched: a context manager would set attributes on them, which may be properties.
        """
        if not self._limited:  # somebody looks into the body
            soft = hard = NEVER
        self.slots.ask_to_stop(self.slot, NOBODY)  # a wish that came too late for an earlier run is not for this one
        self.slots.limit(self.slot, time.monotonic() + hard)
        self.slots.write(self.slot, lease, job)
        self.sent, self._soft, self._until = None, soft, time.monotonic() + soft
        self._alarm.set(self._until)
        try:
            self._job = job
            self._look()  # it may have been asked for before we listened
            try:
                return act()
            finally:
                self._job = NOBODY
        finally:
            self._job = NOBODY  # again: a signal may have come between the body's end and the line above
            self._alarm.set(NEVER)
            self.slots.write(self.slot, lease)
            if self._listens:
                self._take_signals()

    def _take_signals(self) -> None:
        """Set handlers, mask and timer as a body finds them, whatever the one before has left."""
        calls.setitimer(signal.ITIMER_REAL, 0)
        calls.signal(INTERRUPT, self._look)
        calls.signal(signal.SIGALRM, self._refuse_alarm)
        for number in QUIET:
            calls.signal(number, do_nothing)
            calls.siginterrupt(number, False)
        calls.pthread_sigmask(signal.SIG_SETMASK, ())

    def _hold_signals(self) -> None:
        """Before a fork: one that is sent to the child at once shall find the child's own handlers."""
        self._mask = signal.pthread_sigmask(signal.SIG_BLOCK, OURS)

    def _release_signals(self) -> None:
        signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)

    def _leave_signals(self) -> None:
        """In a process that a body has forked: signals do what they do in any other, and it ends with its parent."""
        self._job = NOBODY
        if self._listens:
            self._listens = False
            for number in OURS:
                signal.signal(number, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            set_pdeathsig("SIGKILL")
        self._release_signals()

    def _look(self, signum: int = 0, frame: FrameType | None = None) -> None:
        """Interrupt the body when there is a reason to."""
        if self._job == NOBODY:
            return
        if self.slots.is_asked_to_stop(self.slot, self._job):
            self.sent = Cancelled()
            raise self.sent
        if self.slots.flag(slot_table.INTERRUPTING):
            self.sent = Interrupted()
            raise self.sent
        if time.monotonic() >= self._until:
            self._until = NEVER
            raise SoftTimeLimitExceeded(f"The job took longer than its limit of {self._soft:g} s")

    def _refuse_alarm(self, signum: int, frame: FrameType | None) -> None:
        if self._job != NOBODY:
            raise UnexpectedAlarm(UnexpectedAlarm.__doc__)


def do_nothing(signum: int, frame: FrameType | None) -> None:
    """Receive a signal, and that is all."""
