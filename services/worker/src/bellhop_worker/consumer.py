"""The consumer: Celery's own, but for when it sends its events."""

import time

from celery.worker.consumer import Consumer

from bellhop.metrics import faults

PAUSE = 0.1
"""Seconds for which events are gathered."""


class GatheringConsumer(Consumer):  # type: ignore[misc]
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
        """See to it that the event is sent soon."""
        if time.monotonic() > self._send_at:  # otherwise a timer is running
            self._send_at = time.monotonic() + PAUSE
            self.timer.call_after(PAUSE, self._flush_events)

    def shutdown(self) -> None:
        """Send the last events."""
        self._flush_events()
        super().shutdown()
