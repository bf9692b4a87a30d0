"""A worker whose main process breaks as soon as it is ready, for the tests of how it ends."""

from typing import Any

from celery import bootsteps

from bellhop_worker.app import app


class Crash(bootsteps.StartStopStep):  # type: ignore[misc]
    """A step of the consumer's start, after the one that listens to the queues."""

    requires = ("celery.worker.consumer:Tasks",)

    def start(self, parent: Any) -> None:
        raise RuntimeError("a bug in the main process")


app.steps["consumer"].add(Crash)
