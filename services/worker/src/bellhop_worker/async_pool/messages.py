"""Messages of async tasks: the main process reads them over a channel of their own and hands them to the pool."""

from collections.abc import Callable
from typing import Any

from celery import bootsteps, signals
from celery.worker import WorkController
from celery.worker import state as celery_state
from celery.worker.request import Request
from kombu import Consumer as KombuConsumer
from kombu import Queue

from bellhop_ledger.broker.messages import apart
from bellhop_worker.async_pool.pool import AsyncPool
from bellhop_worker.engine.consumer import GatheringConsumer
from bellhop_worker.settings import WorkerSettings


class RoutingConsumer(GatheringConsumer):
    """Hands async jobs to their pool, whichever queue their message came from: an older release sends to the task's."""

    def __init__(self, on_task_request: Callable[[Request], None], **kwargs: Any):
        super().__init__(self._route, **kwargs)
        self._to_prefork = on_task_request

    def _route(self, request: Request) -> None:
        if not request.task.body.is_async or is_suspect(request):
            self._to_prefork(request)
        else:
            celery_state.reserved_requests.discard(request)  # by which the places of the prefork pool are counted
            self.controller.async_pool.take(request)


def is_suspect(request: Request) -> bool:
    """Whether the message may have been in a crash: its jobs run alone, in a process of the prefork pool."""
    return bool(request.request_dict.get("suspect") or (request.delivery_info or {}).get("redelivered"))


class AsyncPoolStep(bootsteps.StartStopStep):  # type: ignore[misc]
    """The part of a Celery worker that is the pool."""

    requires = ("celery.worker.components:Timer", "celery.worker.components:Hub", "celery.worker.components:Pool")

    def __init__(self, worker: WorkController, **options: Any):
        worker.async_pool = None
        super().__init__(worker, **options)

    def create(self, worker: WorkController) -> AsyncPool:
        """Make the pool, and see to it that it is looked after."""
        pool = worker.async_pool = AsyncPool(WorkerSettings.load(), worker.hostname, worker.hub)
        worker.timer.call_repeatedly(1.0, pool.look)
        signals.worker_shutting_down.connect(lambda **_: pool.stop_soon(), weak=False)
        return pool


class AsyncMessages(bootsteps.ConsumerStep):  # type: ignore[misc]
    """The part of a worker's consumer that reads the queues of async jobs.

    Their channel is asked for messages while the pool has room, whatever the prefork pool does.
    """

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def start(self, consumer: RoutingConsumer) -> None:
        """Begin to read."""
        channel = consumer.connection.channel()
        channel.qos.has_room = consumer.controller.async_pool.has_room
        names = [apart(name.strip()) for name in WorkerSettings.load().worker_queues.split(",")]
        own = KombuConsumer(
            channel,
            queues=[Queue(name, routing_key=name) for name in names],
            on_message=consumer.create_task_handler(),
            on_decode_error=lambda message, _: consumer.door.admit(message),
            accept=consumer.app.conf.accept_content,
        )
        self.consumers = [own]
        own.consume()
