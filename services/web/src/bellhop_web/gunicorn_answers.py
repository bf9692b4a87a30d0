"""Answers to requests that never reach the application: problems too, with the headers of all others."""

import json
from http import HTTPStatus

from gunicorn.http import errors

from bellhop_web.headers import HEADERS
from bellhop_web.problems import MEDIA_TYPE

STATUSES = {
    errors.LimitRequestLine: 414,
    errors.ExpectationFailed: 417,
    errors.LimitRequestHeaders: 431,
    errors.UnsupportedTransferCoding: 501,
}
"""What is wrong with a request that is not good HTTP; everything else is a 400."""


def status_of(error: Exception) -> int:
    """Give the status for what gunicorn could not read."""
    return next((status for kind, status in STATUSES.items() if isinstance(error, kind)), 400)


def answer(status: int, detail: str) -> bytes:
    """Write a whole HTTP answer with a problem."""
    phrase = HTTPStatus(status).phrase
    body = json.dumps({"type": "about:blank", "title": phrase, "status": status, "detail": detail, "errors": []})
    fields = {**HEADERS, "Connection": "close", "Content-Type": MEDIA_TYPE, "Content-Length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return f"HTTP/1.1 {status} {phrase}\r\n{head}\r\n{body}".encode("ascii")
