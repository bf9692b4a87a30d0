"""The prefork pool: Celery's, whose processes leave between two messages when they are due.

Celery's own limits (`worker_max_tasks_per_child`, `worker_max_memory_per_child`) count messages and not jobs, and look
at the most memory that a process ever had, after a message and not between its jobs.
"""

import sys
from collections.abc import Callable
from typing import Any

from billiard.pool import EX_RECYCLE
from celery.concurrency import asynpool, prefork

from bellhop_worker.engine.process import is_due


class Worker(asynpool.Worker):  # type: ignore[misc]
    """What runs in a process of the pool."""

    wait_for_job: Callable[[], Any]

    def on_loop_start(self, pid: int) -> None:
        """Make the process leave instead of waiting for another message, with the exit code that means no harm."""
        super().on_loop_start(pid)
        self.wait_for_job = leaving_when_due(self.wait_for_job)


def leaving_when_due(wait: Callable[[], Any]) -> Callable[[], Any]:
    """Return what waits for a message, unless the process is due."""

    def wait_or_leave() -> Any:
        if is_due():
            sys.exit(EX_RECYCLE)
        return wait()

    return wait_or_leave


class RecyclingPool(asynpool.AsynPool):  # type: ignore[misc]
    """A pool of such processes. A message that one of them was sent and has not read goes to another one."""

    Worker = Worker


class TaskPool(prefork.TaskPool):  # type: ignore[misc]
    """The pool as a Celery worker wants it."""

    Pool = RecyclingPool
