"""Gunicorn's worker: live views leave its threads, waiting requests go when it stops, errors read as the API's."""

import json
from http import HTTPStatus
from socket import socket
from typing import Any

from flask import Flask
from gunicorn.http import errors
from gunicorn.util import write_nonblock
from gunicorn.workers.gthread import ThreadWorker

from bellhop.log import get_logger
from bellhop_web import metrics
from bellhop_web.live.desk import HandOver
from bellhop_web.problems import MEDIA_TYPE

log = get_logger(__name__)

STATUSES = {
    errors.LimitRequestLine: 414,
    errors.ExpectationFailed: 417,
    errors.LimitRequestHeaders: 431,
    errors.UnsupportedTransferCoding: 501,
}
"""What is wrong with a request that is not good HTTP; everything else is a 400."""
HANDED_OVER = object()
"""Instead of whether a connection is kept: it is somebody else's now."""


class Worker(ThreadWorker):  # type: ignore[misc]
    """Threads, with three manners of our own."""

    @property
    def alive(self) -> bool:
        """Whether it takes new requests."""
        return self._alive

    @alive.setter
    def alive(self, alive: bool) -> None:
        """Note it. Whoever stops the worker, a signal or max_requests, comes through here."""
        self._alive = alive
        application = getattr(self, "wsgi", None)
        if not alive and isinstance(application, Flask):
            application.extensions["waiters"].stopping = True
            application.extensions["live"].hub.stop()

    def handle(self, conn: Any) -> Any:
        """Serve a request. One that became a live view gives its connection away, and its thread back."""
        try:
            return super().handle(conn)
        except HandOver as handed:
            handed.to_hub(conn.sock)
            return HANDED_OVER

    def finish_request(self, conn: Any, fs: Any) -> None:
        """Keep or close the connection, unless it is no longer ours."""
        if not fs.cancelled() and fs.exception() is None and fs.result() is HANDED_OVER:
            self.nr_conns -= 1
        else:
            super().finish_request(conn, fs)

    def handle_error(self, req: Any, client: socket, addr: Any, exc: Exception) -> None:
        """Answer a request that never reached the application."""
        if not isinstance(exc, errors.ParseException):
            super().handle_error(req, client, addr, exc)
            return
        log.warning("request_not_understood", error=str(exc))
        status = next((status for kind, status in STATUSES.items() if isinstance(exc, kind)), 400)
        metrics.count_unreadable(status)
        write_nonblock(client, answer(status, str(exc)))


def answer(status: int, detail: str) -> bytes:
    """Write a whole HTTP answer with a problem."""
    phrase = HTTPStatus(status).phrase
    body = json.dumps({"type": "about:blank", "title": phrase, "status": status, "detail": detail, "errors": []})
    head = f"HTTP/1.1 {status} {phrase}\r\nConnection: close\r\nContent-Type: {MEDIA_TYPE}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode("ascii")
