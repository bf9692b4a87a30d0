"""Running a task in this process, as a worker runs it: a job of a real ledger, claimed, run and finished."""

import os
from types import TracebackType
from typing import Any, Self

from sqlalchemy import text
from sqlalchemy.orm import Session

from bellhop.decorators import Task
from bellhop.signature import Signature
from bellhop_ledger.ledger.claim import Claimed
from bellhop_ledger.ledger.finish import Outcome
from bellhop_ledger.ledger.submit import submit
from bellhop_ledger.platform.database import engine
from bellhop_worker.engine import own_loop, slot_table
from bellhop_worker.engine.binding import Body, bind_all
from bellhop_worker.engine.execution import Executor
from bellhop_worker.engine.interrupts import Interrupts
from bellhop_worker.engine.runner import Runner
from bellhop_worker.engine.slot_table import SlotTable
from bellhop_worker.settings import WorkerSettings

LEASE, KEEP, BUDGET = 60.0, 3600.0, 60.0
"""Seconds."""
OURS = text("UPDATE jobs SET published_at = now() WHERE id = :id")
"""Nobody else sends it, for its message is on its way as far as a scheduler can see."""


class NotRun(Exception):
    """Another worker has taken the job, or its queue or task is paused."""


class Witness(Executor):
    """An executor that remembers what a body has raised."""

    error: BaseException | None = None

    def failed(self, body: Body, job: Claimed, started: Any, error: BaseException) -> Outcome:
        """Turn an error into the outcome of its run, and keep it."""
        self.error = error
        return super().failed(body, job, started, error)


class TaskRunner:
    """Runs tasks in this process, one after another."""

    def __init__(self) -> None:
        SlotTable.create(1)
        self._slots = SlotTable(os.environ[slot_table.PATH], 1)
        self._executor = Witness(Interrupts(self._slots, 0), keep=KEEP)
        self._runner = Runner("pytest", self._slots, 0, self._executor, lease_seconds=LEASE, budget=BUDGET)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._slots.remove()
        while own_loop.kept:
            own_loop.kept.pop().close()
        engine().dispose()

    def __call__(self, task: Signature[..., Any] | str, /, **args: Any) -> Any:
        """Run a task once and return its result, as JSON has it. Raises what its body raises.

        Raises LookupError where no body of the task is known, and pydantic's ValidationError, which names the argument.
        """
        body = body_of(task)
        with Session(engine()) as db, db.begin():  # not transaction(): it would send the job to a worker
            job = submit(db, body.signature, **args)
            db.execute(OURS, {"id": job.id})
            id = job.id
        self._executor.error = None
        outcomes = self._runner.run(body, [id], suspect=False)
        if self._executor.error:
            raise self._executor.error
        if not outcomes:
            raise NotRun(NotRun.__doc__)
        return outcomes[0].result


def body_of(task: Signature[..., Any] | str) -> Body:
    """Return the body of a task, which those of the plug-ins have. Raises LookupError."""
    if isinstance(task, Task):
        return Body(task, task.stub, task.wants)
    name = task if isinstance(task, str) else task.name
    bodies = bind_all(WorkerSettings.load())
    if name not in bodies:
        raise LookupError(f"there is no task {name!r}; BELLHOP_PLUGINS names the modules with tasks")
    return bodies[name]
