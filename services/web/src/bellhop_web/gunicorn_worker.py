"""Gunicorn's worker: it lets waiting requests go when it stops, and speaks of errors as the API does."""

import json
from http import HTTPStatus
from socket import socket
from typing import Any

from flask import Flask
from gunicorn.http import errors
from gunicorn.util import write_nonblock
from gunicorn.workers.gthread import ThreadWorker

from bellhop.log import get_logger
from bellhop_web.problems import MEDIA_TYPE

log = get_logger(__name__)

STATUSES = {
    errors.LimitRequestLine: 414,
    errors.ExpectationFailed: 417,
    errors.LimitRequestHeaders: 431,
    errors.UnsupportedTransferCoding: 501,
}
"""What is wrong with a request that is not good HTTP; everything else is a 400."""


class Worker(ThreadWorker):  # type: ignore[misc]
    """Threads, with two manners of our own."""

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

    def handle_error(self, req: Any, client: socket, addr: Any, exc: Exception) -> None:
        """Answer a request that never reached the application."""
        if not isinstance(exc, errors.ParseException):
            super().handle_error(req, client, addr, exc)
            return
        log.warning("request_not_understood", error=str(exc))
        status = next((status for kind, status in STATUSES.items() if isinstance(exc, kind)), 400)
        write_nonblock(client, answer(status, str(exc)))


def answer(status: int, detail: str) -> bytes:
    """Write a whole HTTP answer with a problem."""
    phrase = HTTPStatus(status).phrase
    body = json.dumps({"type": "about:blank", "title": phrase, "status": status, "detail": detail, "errors": []})
    head = f"HTTP/1.1 {status} {phrase}\r\nConnection: close\r\nContent-Type: {MEDIA_TYPE}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode("ascii")
