"""The consumer: Celery's own, but for when it sends its events, and for messages that are not ours."""

import time
from collections.abc import Callable
from typing import Any

from celery.worker.consumer import Consumer
from kombu import Message
from redis.exceptions import RedisError

from bellhop_ledger.broker.envelopes import is_ours
from bellhop_ledger.platform.log import get_logger
from bellhop_ledger.platform.metrics import faults
from bellhop_worker.celery_clients.adoption import Door
from bellhop_worker.settings import WorkerSettings

log = get_logger(__name__)

ANY_OTHER = "bellhop.endpoint"
"""The Celery task that gets the messages of tasks for which this worker has no code: some are HTTP endpoints."""
PAUSE = 0.1
"""Seconds for which events are gathered."""


class Strategies(dict[str, Any]):
    """What Celery does with a message, by its task."""

    def __missing__(self, task: str) -> Any:
        """Return what is done with those of all other tasks."""
        if task == ANY_OTHER:
            raise KeyError(task)
        return self[ANY_OTHER]


class AdmittingConsumer(Consumer):  # type: ignore[misc]
    """Passes our own messages on to Celery, and writes all others into the ledger."""

    Strategies = Strategies

    def __init__(self, *args: Any, **kwargs: Any):
        self.door = Door(keep=WorkerSettings.load().retention_hours * 3600)
        super().__init__(*args, **kwargs)

    def create_task_handler(self, *args: Any, **kwargs: Any) -> Callable[[Message], None]:
        """Return what is called with each message."""
        run = super().create_task_handler(*args, **kwargs)

        def receive(message: Message) -> None:
            if not is_ours(message.headers):
                self.door.admit(message)
                return
            try:
                run(message)
            except (RedisError, *self.connection_errors):
                raise
            except Exception:  # the ledger knows the jobs that it names
                log.exception("message_invalid")
                if not message.acknowledged:
                    message.ack()

        return receive

    def on_decode_error(self, message: Message, exc: Exception) -> None:
        """Handle a message that kombu could not decode; remote control has a channel of its own."""
        if self.task_consumer is not None and message.channel is self.task_consumer.channel:
            self.door.admit(message)
        else:
            super().on_decode_error(message, exc)


class GatheringConsumer(AdmittingConsumer):
    """Sends the events of a tenth of a second in one message, or 24 of them if they come quicker.

    Celery's own sends what there is at each turn of its loop, two or three times a job, which
    takes the main process longer than all else that it does for the job.
    """

    _send_at = 0.0

    def on_connection_error_before_connected(self, exc: Exception) -> None:
        """Count it."""
        faults.CONSUMING.inc()
        super().on_connection_error_before_connected(exc)

    def on_connection_error_after_connected(self, exc: Exception) -> None:
        """Count it."""
        faults.CONSUMING.inc()
        super().on_connection_error_after_connected(exc)

    def on_send_event_buffered(self) -> None:
        """Make sure that the event is sent soon."""
        if time.monotonic() > self._send_at:  # otherwise a timer is running
            self._send_at = time.monotonic() + PAUSE
            self.timer.call_after(PAUSE, self._flush_events)

    def shutdown(self) -> None:
        """Send the last events."""
        self._flush_events()
        super().shutdown()
