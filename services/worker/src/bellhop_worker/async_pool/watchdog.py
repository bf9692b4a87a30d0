"""The watchdog: a thread that notices when a body blocks the loop, and says which one and where."""

import asyncio
import sys
import time
import traceback
from collections.abc import Callable, Coroutine
from threading import Event, Thread
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from bellhop_ledger.platform.log import get_logger
from bellhop_worker.async_pool import attempt
from bellhop_worker.async_pool.attempt import Attempt

log = get_logger(__name__)

BLOCKED = 0.5
"""Seconds without an answer after which the loop counts as blocked."""
PERIOD = 0.5
"""Seconds between two questions."""
FRAMES = 12
"""Of the stack, so many innermost frames are logged."""


class Watchdog:
    """Asks the loop for an answer, again and again. `tell` is called with the job that blocks it, and with None."""

    def __init__(self, loop: asyncio.AbstractEventLoop, thread: int, tell: Callable[[UUID | None], None]):
        self._loop, self._thread, self._tell = loop, thread, tell
        self._owners: WeakKeyDictionary[asyncio.Task[Any], Attempt | None] = WeakKeyDictionary()
        loop.set_task_factory(self._make_task)  # type: ignore[arg-type]  # typeshed has a protocol of its own

    def start(self) -> None:
        """Start the thread, which ends with the process."""
        Thread(target=self._run, name="watchdog", daemon=True).start()

    def _make_task(self, loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any], **options: Any) -> Any:
        """Make a task, and note to which attempt it belongs; before Python 3.12 nobody else can tell."""
        task = asyncio.Task(work, loop=loop, **options)
        context = options.get("context")
        self._owners[task] = context.get(attempt.current) if context else attempt.current.get()
        return task

    def _run(self) -> None:
        while True:
            time.sleep(PERIOD)
            answered, asked = Event(), time.monotonic()
            self._loop.call_soon_threadsafe(answered.set)
            if not answered.wait(BLOCKED):
                self._blocked(answered, asked)

    def _blocked(self, answered: Event, since: float) -> None:
        found, stack = self._who(), self._where()
        facts = {"job_id": str(found.job.id), "task": found.job.task} if found else {}
        self._tell(found.job.id if found else None)
        seconds = round(time.monotonic() - since, 1)
        log.warning("event_loop_blocked", **facts, seconds=seconds, where=stack[-1] if stack else "", stack=stack)
        answered.wait()
        self._tell(None)
        log.warning("event_loop_free", **facts, seconds=round(time.monotonic() - since, 1))

    def _who(self) -> Attempt | None:
        """Return the attempt whose code the loop runs: the body, or a task that it has started."""
        task = asyncio.current_task(self._loop)
        return self._owners.get(task) if task else None

    def _where(self) -> list[str]:
        """Return where the loop's thread is, the innermost frame last. A stack shows no values."""
        frame = sys._current_frames().get(self._thread)
        stack = traceback.StackSummary.extract(traceback.walk_stack(frame), limit=FRAMES, lookup_lines=False)
        return [f"{one.filename}:{one.lineno} in {one.name}" for one in reversed(stack)] if frame else []
