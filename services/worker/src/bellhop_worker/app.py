"""The worker's Celery application: bodies bound, signals connected."""

import os
import time
from contextlib import suppress
from typing import Any

import celery.apps.worker
from celery import signals
from celery.worker import WorkController
from celery.worker.consumer import Consumer
from sqlalchemy.exc import SQLAlchemyError

from bellhop_ledger.broker.celery_app import VISIBILITY_TIMEOUT, app
from bellhop_ledger.ledger.outbox_sender import outbox_sender
from bellhop_ledger.platform import gc_tuning, tracing
from bellhop_ledger.platform import log as logs
from bellhop_ledger.platform.metrics import exposition, jobs
from bellhop_worker.async_pool.messages import AsyncMessages, AsyncPoolStep
from bellhop_worker.celery_clients import remote
from bellhop_worker.endpoints.task import endpoint_task
from bellhop_worker.engine import process
from bellhop_worker.engine.binding import BindingError, bind_all
from bellhop_worker.engine.celery_task import task_of
from bellhop_worker.engine.draining import DrainingStep
from bellhop_worker.engine.heartbeat import HeartbeatWriter
from bellhop_worker.engine.lease_renewer import LeaseRenewer
from bellhop_worker.engine.publishing import Publisher
from bellhop_worker.engine.slot_table import SlotTable
from bellhop_worker.job_logs import start_recording, writer
from bellhop_worker.settings import WorkerSettings

__all__ = ["app"]

celery.apps.worker.safe_say = lambda *_: None  # it prints what our own log says, in no shape of a log
log = logs.get_logger(__name__)
settings = WorkerSettings.load()

FLUSH_TIMEOUT = 3.0
LOOP_TIMEOUT = 30.0
"""Seconds without a turn of the main loop after which the worker counts as stuck."""

remote.install()
app.conf.worker_consumer = "bellhop_worker.engine.consumer:GatheringConsumer"
app.conf.worker_pool = "bellhop_worker.engine.pool:TaskPool"
app.steps["consumer"].add(DrainingStep)
bodies = bind_all(settings)
tasks = Publisher(settings, bodies)
for body in bodies.values():
    if body.signature.hard_limit >= VISIBILITY_TIMEOUT:
        raise BindingError(f"{body.signature.name}: the hard limit must stay below {VISIBILITY_TIMEOUT} s")
    app.register_task(task_of(body))
app.register_task(endpoint_task())
if any(body.is_async for body in bodies.values()):
    app.conf.worker_consumer = "bellhop_worker.async_pool.messages:RoutingConsumer"
    app.steps["worker"].add(AsyncPoolStep)
    app.steps["consumer"].add(AsyncMessages)


class Loop:
    """Knows whether the main loop of the worker still turns."""

    def __init__(self) -> None:
        self.turned = time.monotonic()

    def turn(self) -> None:
        """Note one turn."""
        self.turned = time.monotonic()

    def alive(self, consumer: Consumer) -> bool:
        """Whether it turned lately, or waits for a Redis that is away: a restart would not bring that back."""
        return time.monotonic() - self.turned < LOOP_TIMEOUT or consumer.connection is None


loop = Loop()
renewers: list[LeaseRenewer] = []


@signals.setup_logging.connect
def set_up_logging(**_: Any) -> None:
    """Keep Celery from setting up logging of its own."""
    logs.configure("worker", settings, least=settings.job_log_level)


@signals.worker_init.connect
def make_slot_table(**_: Any) -> None:
    """Make the slot table before the pool is forked, and load and freeze what its processes share."""
    set_up_logging()  # Celery asks for it only later, and what is said before would be in no shape of a log
    tracing.load()
    SlotTable.create(settings.worker_concurrency)
    tasks.publish_or_wait()
    gc_tuning.freeze_gc()


@signals.worker_init.connect
def open_metrics(**_: Any) -> None:
    """Answer scrapes from the start, also while Redis is away."""
    jobs.begin()
    exposition.serve()


@signals.worker_process_init.connect
def start_process(sender: Any = None, **_: Any) -> None:
    """Make a new process of the pool ready for jobs."""
    exposition.close()
    process.start(str(sender))
    start_recording(settings)
    tracing.start("worker")
    gc_tuning.freeze_gc()


@signals.worker_process_shutdown.connect
def flush_process(**_: Any) -> None:
    """Send and write what the process still has to."""
    outbox_sender().flush(FLUSH_TIMEOUT)
    with suppress(SQLAlchemyError):
        writer.flush()
    tracing.stop()
    process.leave()


@signals.worker_ready.connect
def start_lease_renewer(sender: Consumer, **_: Any) -> None:
    """Start the lease renewer, once: a consumer that reconnects is ready again."""
    if renewers:
        return
    sender.timer.call_repeatedly(1.0, loop.turn)
    controller: WorkController = sender.controller
    slots = process.slots()
    heartbeat = HeartbeatWriter(
        slots,
        settings.worker_queues,
        release=tasks.release,
        sign=tasks.give_sign,
        async_process=lambda: pool.seen() if (pool := getattr(controller, "async_pool", None)) else None,
    )
    renewers.append(LeaseRenewer(slots, settings, lambda: pids_of(controller), lambda: loop.alive(sender), heartbeat))
    renewers[0].start()
    gc_tuning.freeze_gc()
    log.info("worker_ready", queues=settings.worker_queues, processes=settings.worker_concurrency)


@signals.worker_shutting_down.connect
def stop_soon(**_: Any) -> None:
    """Begin the countdown of a stop."""
    for renewer in renewers:
        renewer.stop_soon()
    log.info("worker_stopping", timeout=settings.worker_stop_timeout)


@signals.worker_shutdown.connect
def remove_slot_table(**_: Any) -> None:
    """Flush and clean up at the very end."""
    outbox_sender().flush(FLUSH_TIMEOUT)
    for renewer in renewers:
        renewer.take_leave()
    process.slots().remove()


def pids_of(controller: WorkController) -> list[int]:
    """Return the living processes of the pool, without dead ones that the main loop has not collected yet."""
    pool = controller.pool._pool
    pids = [process.pid for process in list(pool._pool)] if pool else []
    return [pid for pid in pids if pid and not is_dead(pid)]


def is_dead(pid: int) -> bool:
    """Whether this child has died; it is left for the main loop to collect."""
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
    except ChildProcessError:
        return True
