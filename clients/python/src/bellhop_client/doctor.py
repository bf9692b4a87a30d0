"""What is wrong with an installation."""

from typing import Any

from bellhop_client.exchange import Flow, Request, send
from bellhop_client.reading import read
from bellhop_client.system_views import Diagnosis
from bellhop_client.writing import path_of


def diagnose() -> Flow[Diagnosis]:
    """Return what the server finds out about itself: its workers, clocks, releases, Postgres and Redis."""
    return send(Request("GET", path_of("doctor")), _diagnosis)


def _diagnosis(data: Any) -> Diagnosis:
    return read(Diagnosis, data)
