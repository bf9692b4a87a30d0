"""What one process of the pool owns: its slot on the slate, its signals and its runner."""

import os

from billiard import current_process

from bellhop_worker import slate as slates
from bellhop_worker.execution import Executor
from bellhop_worker.interrupts import Interrupts
from bellhop_worker.runner import Runner
from bellhop_worker.settings import WorkerSettings
from bellhop_worker.slate import Slate

_made: dict[int, Runner] = {}


def start(worker: str) -> Runner:
    """Take the slot of this process and listen to its signals."""
    settings = WorkerSettings.load()
    slot: int = current_process().index
    board = slate()
    board.free(slot)
    board.write(slot)
    executor = Executor(Interrupts(board, slot), keep=settings.retention_hours * 3600)
    _made[os.getpid()] = Runner(
        worker,
        board,
        slot,
        executor,
        lease_seconds=settings.lease_seconds,
        budget=settings.message_budget_seconds,
    )
    return runner()


def slate() -> Slate:
    """Open the worker's slate."""
    return Slate(os.environ[slates.PATH], WorkerSettings.load().worker_concurrency)


def runner() -> Runner:
    """Give this process' runner."""
    return _made[os.getpid()]
