"""Operations on workers."""

from typing import Any

from bellhop_client.exchange import Flow, Request, send
from bellhop_client.reading import read
from bellhop_client.system_views import Worker
from bellhop_client.writing import encoded, path_of


def list_workers() -> Flow[list[Worker]]:
    """Return the workers with what their processes run; those that are silent come last."""
    return send(Request("GET", path_of("workers")), _workers)


def _workers(data: Any) -> list[Worker]:
    return [read(Worker, one) for one in data["workers"]]


def get(name: str) -> Flow[Worker]:
    """Return a worker. Raises NotFound."""
    return send(Request("GET", path_of("workers", name)), _worker)


def drain(name: str, reason: str) -> Flow[Worker]:
    """Drain a worker: it takes no new jobs, and those that it runs end. Again, it changes the reason.

    Raises NotFound, and Conflict for a worker that is silent.
    """
    return send(Request("POST", path_of("workers", name, "drain"), body=encoded({"reason": reason})), _worker)


def resume(name: str) -> Flow[None]:
    """Let a worker take jobs again. Raises NotFound."""
    return send(Request("POST", path_of("workers", name, "resume")), _nothing)


def _worker(data: Any) -> Worker:
    return read(Worker, data)


def _nothing(_: Any) -> None:
    """Read an answer without content."""
