"""What one process of the pool owns: its slot in the slot table, its signals and its runner."""

import multiprocessing.process
import os
import sys

from billiard import current_process

from bellhop_worker.engine import slot_table
from bellhop_worker.engine.debugger import debug, refuse_breakpoint
from bellhop_worker.engine.execution import Executor
from bellhop_worker.engine.interrupts import Interrupts
from bellhop_worker.engine.recycling import Recycling
from bellhop_worker.engine.runner import Runner
from bellhop_worker.engine.slot_table import SlotTable
from bellhop_worker.settings import WorkerSettings

MAIN = multiprocessing.current_process()
"""What multiprocessing sees in the main process. Billiard has it see a daemon in each process of the pool, which may
not start processes; a body may need some."""


class PoolProcess:
    """One process of the pool, from its start on."""

    def __init__(self, worker: str):
        settings = WorkerSettings.load()
        self._table = slots()
        self._slot = self._table.take(current_process().index)
        self.recycling = Recycling.of(settings)
        self._interrupts = Interrupts(self._table, self._slot, limited=not settings.worker_debugger)
        self._listens = False
        self._runner = Runner(
            worker,
            self._table,
            self._slot,
            Executor(self._interrupts, settings.retention_hours * 3600, self.recycling),
            lease_seconds=settings.lease_seconds,
            budget=settings.message_budget_seconds,
        )

    def leave(self) -> None:
        """Empty the slot."""
        self._table.free(self._slot)

    @property
    def is_draining(self) -> bool:
        """Whether the worker takes no new jobs."""
        return self._table.flag(slot_table.DRAINING)

    @property
    def runner(self) -> Runner:
        """The runner. The pool sets signals of its own after a process has started, so ours wait for the first job."""
        if not self._listens:
            self._interrupts.listen()
            self._listens = True
        return self._runner


_this: dict[str, PoolProcess] = {}


def start(worker: str) -> None:
    """Take a slot for this process, which is a new one of the pool."""
    _this["process"] = PoolProcess(worker)
    multiprocessing.process._current_process = MAIN  # type: ignore[attr-defined]
    if not os.environ.get("PYTHONBREAKPOINT"):
        sys.breakpointhook = debug if WorkerSettings.load().worker_debugger else refuse_breakpoint


def runner() -> Runner:
    """Return this process' runner."""
    return _this["process"].runner


def leave() -> None:
    """Free the slot of this process: it holds no job, and there is nothing to clear up after it."""
    _this["process"].leave()


def is_due() -> bool:
    """Whether this process is to leave and to be replaced."""
    return _this["process"].recycling.is_due()


def is_draining() -> bool:
    """Whether the worker takes no new jobs."""
    return _this["process"].is_draining


def slots() -> SlotTable:
    """Open the worker's slot table."""
    return SlotTable(os.environ[slot_table.PATH], WorkerSettings.load().worker_concurrency)
