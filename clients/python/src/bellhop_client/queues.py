"""Operations on queues."""

from datetime import datetime
from typing import Any

from bellhop_client.exchange import Flow, Request, send
from bellhop_client.reading import read
from bellhop_client.system_views import Hold, Queue
from bellhop_client.writing import encoded, moment, path_of


def list_queues() -> Flow[list[Queue]]:
    """Return the queues, by name: those of tasks, those that workers serve, and those in which jobs wait."""
    return send(Request("GET", path_of("queues")), _queues)


def _queues(data: Any) -> list[Queue]:
    return [read(Queue, one) for one in data["queues"]]


def pause(queue: str, reason: str, *, until: datetime | None = None) -> Flow[Hold]:
    """Pause a queue, until a date or until somebody resumes it: its jobs are accepted and wait, and running ones end.

    Again, it changes the reason and the end.
    """
    body = encoded({"reason": reason, "until": moment("until", until)})
    return send(Request("POST", path_of("queues", queue, "pause"), body=body), _hold)


def _hold(data: Any) -> Hold:
    return read(Hold, data)


def resume(queue: str) -> Flow[None]:
    """Resume a queue: what has waited goes on, the most urgent and oldest first."""
    return send(Request("POST", path_of("queues", queue, "resume")), _nothing)


def _nothing(_: Any) -> None:
    """Read an answer without content."""
