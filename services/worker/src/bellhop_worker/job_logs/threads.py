"""Threads: one that a body starts belongs to the same job, as Python itself will have it one day.

From Python 3.14 on a thread can inherit the context of whoever starts it (`thread_inherit_context`), but by default it
does not, and it would inherit all of it.
"""

from functools import partial, wraps
from threading import Thread
from typing import Any

from bellhop_worker.job_logs.buffer import LogBuffer, current


def let_threads_inherit() -> None:
    """Make each thread that is started from now on log to the job of whoever starts it."""
    start = Thread.start
    if hasattr(start, "__wrapped__"):
        return

    @wraps(start)
    def start_with_log(thread: Thread) -> None:
        if buffer := current.get():
            thread.run = partial(run_with, buffer, thread.run)  # type: ignore[method-assign]
        start(thread)

    Thread.start = start_with_log  # type: ignore[assignment,method-assign]


def run_with(buffer: LogBuffer, run: Any) -> None:
    """Run a thread that logs to this buffer."""
    current.set(buffer)
    run()
