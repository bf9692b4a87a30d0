"""A submitted job as a person at a prompt wants it: something to wait for."""

import time
from difflib import get_close_matches
from typing import Any, Self
from uuid import UUID

from bellhop.signature import Signature, registry
from bellhop_ledger.ledger.result_backend import JobCancelled, JobFailed
from bellhop_ledger.ledger.submit import submit as submit_in
from bellhop_ledger.ledger.tables import Job, State
from bellhop_ledger.platform.database import transaction

PAUSE = 0.1


class Handle:
    """One job; `job` is its row as it was last read."""

    def __init__(self, job: Job) -> None:
        self.job = job

    @property
    def id(self) -> UUID:
        """The job's id, which is also its Celery task id."""
        return self.job.id

    def refresh(self) -> Self:
        """Read its row again."""
        with transaction() as db:
            self.job = db.get_one(Job, self.id)
        return self

    def wait(self, timeout: float | None = None) -> Any:
        """Wait until it has ended and answer its result.

        Raises JobFailed with the job's error, JobCancelled, or TimeoutError after `timeout` seconds.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        while not self.refresh().job.state.ended:
            if deadline is not None and time.monotonic() >= deadline:
                raise TimeoutError(f"job {self.id} is still {self.job.state} after {timeout} s")
            time.sleep(PAUSE)
        if self.job.state is State.CANCELLED:
            raise JobCancelled(f"job {self.id} was cancelled")
        if self.job.state is State.FAILED:
            error = self.job.error or {}
            raise JobFailed(f"{error.get('type')}: {error.get('message')}")
        return self.job.result

    def __repr__(self) -> str:
        return f"<{self.job.task} {self.id} {self.job.state}>"


def submit(task: Signature[..., Any] | str, **args: Any) -> Handle:
    """Submit a job in a transaction of its own: `submit(request, url="https://example.com")`.

    The task may also be given by its full name, `"http.request"`.
    Raises LookupError, with the nearest names, when there is no such task.
    """
    signature = named(task) if isinstance(task, str) else task
    with transaction() as db:
        return Handle(submit_in(db, signature, **args))


def named(task: str) -> Signature[..., Any]:
    """Return the signature of this name."""
    if task not in registry:
        near = ", ".join(get_close_matches(task, registry, cutoff=0.4)) or ", ".join(sorted(registry))
        raise LookupError(f"there is no task {task!r}; there are {near}")
    return registry[task]
