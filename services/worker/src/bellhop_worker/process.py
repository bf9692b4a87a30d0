"""What one process of the pool owns: its slot on the slate, its signals and its runner."""

import os

from billiard import current_process

from bellhop_worker import slate as slates
from bellhop_worker.execution import Executor
from bellhop_worker.interrupts import Interrupts
from bellhop_worker.runner import Runner
from bellhop_worker.settings import WorkerSettings
from bellhop_worker.slate import Slate


class PoolProcess:
    """One process of the pool, from its start on."""

    def __init__(self, worker: str):
        settings = WorkerSettings.load()
        board = slate()
        slot = board.take(current_process().index)
        self._interrupts = Interrupts(board, slot)
        self._listens = False
        self._runner = Runner(
            worker,
            board,
            slot,
            Executor(self._interrupts, keep=settings.retention_hours * 3600),
            lease_seconds=settings.lease_seconds,
            budget=settings.message_budget_seconds,
        )

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


def runner() -> Runner:
    """Give this process' runner."""
    return _this["process"].runner


def slate() -> Slate:
    """Open the worker's slate."""
    return Slate(os.environ[slates.PATH], WorkerSettings.load().worker_concurrency)
