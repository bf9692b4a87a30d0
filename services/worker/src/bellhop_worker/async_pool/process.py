"""The process of the pool, forked from the worker's main process: its event loop, and what surrounds it."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NoReturn
from uuid import UUID

from celery.platforms import set_pdeathsig
from sqlalchemy.exc import SQLAlchemyError

from bellhop_ledger.ledger.claim import Claimed
from bellhop_ledger.ledger.outbox_sender import outbox_sender
from bellhop_ledger.platform import gc_tuning, tracing
from bellhop_ledger.platform.log import get_logger
from bellhop_ledger.platform.metrics import exposition
from bellhop_worker.async_pool.ledger import LedgerThreads
from bellhop_worker.async_pool.runner import AsyncRunner
from bellhop_worker.async_pool.watchdog import Watchdog
from bellhop_worker.async_pool.wire import Wire
from bellhop_worker.engine import slot_table
from bellhop_worker.engine.binding import bodies
from bellhop_worker.engine.debugger import refuse_breakpoint
from bellhop_worker.engine.execution import Outcomes
from bellhop_worker.engine.interrupts import QUIET, do_nothing
from bellhop_worker.engine.process import slots
from bellhop_worker.engine.recycling import Recycling
from bellhop_worker.job_logs import start_recording, writer
from bellhop_worker.settings import WorkerSettings

log = get_logger(__name__)

FLUSH_TIMEOUT = 3.0


def live(wire: Wire, worker: str) -> NoReturn:
    """Be the process of the pool, right after the fork, until the main process says that it may end."""
    code = 1
    try:
        prepare()
        wire.start()
        run_loop(Loop(wire, worker))
        code = 0
    except Exception:
        log.exception("async_pool_failed")
    finally:
        outbox_sender().flush(FLUSH_TIMEOUT)
        with suppress(SQLAlchemyError):
            writer.flush()
        tracing.stop()
        wire.close(FLUSH_TIMEOUT)
        os._exit(code)


def prepare() -> None:
    """Take over nothing of the main process: it handles the signals, and answers scrapes."""
    set_pdeathsig("SIGKILL")  # nobody would keep its leases
    for number in signal.valid_signals():
        if callable(signal.getsignal(number)):
            signal.signal(number, signal.SIG_DFL)
    for number in QUIET:
        signal.signal(number, do_nothing)
    exposition.close()
    tracing.start("worker")
    start_recording(WorkerSettings.load())
    if not os.environ.get("PYTHONBREAKPOINT"):
        sys.breakpointhook = refuse_breakpoint
    gc_tuning.freeze_gc()


class Loop:
    """The loop with its runner, and the lines that come over the wire."""

    def __init__(self, wire: Wire, worker: str):
        self._wire, self._worker = wire, worker
        self._settings = WorkerSettings.load()

    async def run(self) -> None:
        """Run jobs until the main process says that it stops or this one is due, and all have ended."""
        settings, loop, table = self._settings, asyncio.get_running_loop(), slots()
        outcomes = Outcomes(settings.retention_hours * 3600)
        ledger = LedgerThreads(self._worker, settings.lease_seconds, self._tell_claimed)
        self._runner = AsyncRunner(
            ledger,
            self._wire,
            outcomes,
            Recycling.of(settings),
            slots=settings.worker_async_slots,
            budget=settings.message_budget_seconds,
            draining=lambda: table.flag(slot_table.DRAINING),
        )
        Watchdog(loop, threading.get_ident(), self._tell_blocked).start()
        loop.add_reader(self._wire, self._read)
        await self._runner.done.wait()

    def _read(self) -> None:
        for kind, facts in self._wire.receive():
            self._obey(kind, facts)
        if self._wire.ended:
            self._obey("stop_soon", {})
            asyncio.get_running_loop().remove_reader(self._wire)

    def _obey(self, kind: str, facts: Mapping[str, Any]) -> None:
        match kind:
            case "run":
                self._runner.take(facts["tag"], bodies[facts["task"]], [UUID(id) for id in facts["ids"]])
            case "stop":
                self._runner.stop([UUID(id) for id in facts["jobs"]])
            case "stop_soon":
                self._runner.stop_soon()
            case "interrupt":
                self._runner.interrupt()

    def _tell_claimed(self, jobs: Sequence[Claimed], leases: Mapping[UUID, UUID]) -> None:
        if jobs:
            facts = [(str(job.id), str(leases[job.id]), job.task, bodies[job.task].limits_of(job)[1]) for job in jobs]
            self._wire.send("claimed", jobs=facts)

    def _tell_blocked(self, job: UUID | None) -> None:
        self._wire.send("blocked", job=str(job) if job else None)


def run_loop(what: Loop) -> None:
    """Run the loop to its end. A SystemExit of a task that a body has started must not end the others' bodies."""
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        task = loop.create_task(what.run())
        while not task.done():
            try:
                loop.run_until_complete(asyncio.wait([task]))
            except (SystemExit, KeyboardInterrupt) as error:
                log.error("exit_refused", error=repr(error)[:200])
        task.result()
