"""Answers to requests that never reach the application: problems too, with the headers of all others."""

import json
from random import getrandbits

from gunicorn.http import errors

from bellhop_ledger.platform.log import get_logger
from bellhop_web.http import metrics
from bellhop_web.http.answers import HEADERS
from bellhop_web.http.problems import MEDIA_TYPE, title_of

log = get_logger(__name__)

STATUSES = {
    errors.LimitRequestLine: 414,
    errors.ExpectationFailed: 417,
    errors.LimitRequestHeaders: 431,
    errors.UnsupportedTransferCoding: 501,
}
"""What is wrong with a request that is not good HTTP; everything else is a 400."""


def status_of(error: Exception) -> int:
    """Return the status for what gunicorn could not read."""
    return next((status for kind, status in STATUSES.items() if isinstance(error, kind)), 400)


def refusal(status: int, message: str, field: str = "", retry_after: int | None = None) -> bytes:
    """Return a whole HTTP answer with a problem, and the field at fault if there is one; log and count it."""
    id = f"{getrandbits(128):032x}"
    log.warning("request_not_understood", status=status, request_id=id)  # the words may quote the request
    metrics.count_unreadable(status)
    phrase = title_of(status)
    body = json.dumps(
        {
            "type": "about:blank",
            "title": phrase,
            "status": status,
            "detail": f"{field}: {message}" if field else message,
            "errors": [{"field": field, "message": message}] if field else [],
            "request_id": id,
        }
    )
    fields = {"Connection": "close", "Content-Type": MEDIA_TYPE, "Content-Length": str(len(body)), "X-Request-Id": id}
    if retry_after is not None:
        fields["Retry-After"] = str(retry_after)
    head = "".join(f"{name}: {value}\r\n" for name, value in (HEADERS | fields).items())
    return f"HTTP/1.1 {status} {phrase}\r\n{head}\r\n{body}".encode("ascii")
