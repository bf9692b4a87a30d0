"""A forwarder that comes to one step of its second batch, says so, and waits there to be killed.

Arguments: the URL of the database, that of Bellhop, its token, and the step.
"""

import signal
import sys
from typing import Any

import httpx
import psycopg

from bellhop_client import Client
from bellhop_client.outbox import Forwarder

DATABASE, URL, TOKEN, STEP = sys.argv[1:]
BATCH = 500
seen = 0


def reached(step: str) -> None:
    """Stop for good where this is the step of the second batch."""
    global seen  # noqa: PLW0603
    seen += step == STEP
    if step == STEP and seen == 2:
        print(step, flush=True)
        signal.pause()


class Wire(httpx.HTTPTransport):
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        reached("locked")
        response = super().handle_request(request)
        reached("accepted")
        return response


class Cursor(psycopg.Cursor[Any]):
    def execute(self, query: Any, *args: Any, **more: Any) -> Any:
        if "DELETE" in query:
            reached("receipts read")
        return super().execute(query, *args, **more)


class Connection(psycopg.Connection[Any]):
    def commit(self) -> None:
        reached("deleted")
        super().commit()
        reached("committed")


def connect() -> Connection:
    return Connection.connect(DATABASE, cursor_factory=Cursor, application_name="held")


client = Client(URL, TOKEN, http=httpx.Client(transport=Wire()))
Forwarder(client, connect, batch=BATCH).drain()
