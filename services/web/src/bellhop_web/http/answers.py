"""Answers: how one is made, and what every one of them carries and leaves in the log."""

import time
from collections.abc import Callable, Mapping
from typing import TypeVar
from urllib.parse import urlsplit

from flask import Response, g, request
from pydantic import BaseModel

from bellhop_ledger.platform.log import get_logger
from bellhop_web.http import metrics
from bellhop_web.http.request import request_id

log = get_logger(__name__)
M = TypeVar("M", bound=BaseModel)

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
OVER_TLS = {"Strict-Transport-Security": "max-age=31536000"}
"""Sent where PUBLIC_URL is https: browsers come by TLS alone for a year. Not for localhost, which is many things."""


QUIET = frozenset({"health.live", "health.ready", "static"})
"""Endpoints that are asked all day long; they are neither logged nor traced."""


SECRET_BELOW = "/api/completions/"  # noqa: S105
"""What follows it in a path is a secret."""


def trusted(model: type[M], **facts: object) -> M:
    """Return a model of facts that need no check, which are all of its fields.

    `model_construct` looks for each field under all its names: for a job it takes ten times as long.
    """
    made = model.__new__(model)
    for name, value in (
        ("__dict__", {name: facts[name] for name in model.model_fields}),  # in the order in which they are answered
        ("__pydantic_fields_set__", set(facts)),
        ("__pydantic_extra__", None),
        ("__pydantic_private__", None),
    ):
        object.__setattr__(made, name, value)
    return made


def respond(model: BaseModel, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with a model as JSON."""
    return Response(model.model_dump_json(), status, headers, mimetype="application/json")


def add_headers_for(public_url: str) -> Callable[[Response], Response]:
    """Return the hook that adds what is not there yet."""
    site = urlsplit(public_url)
    headers = HEADERS | (OVER_TLS if site.scheme == "https" and site.hostname != "localhost" else {})
    everyones = [(name.lower(), name, value) for name, value in headers.items()]

    def add(response: Response) -> Response:
        there = {name.lower() for name, _ in response.headers}
        response.headers.extend([(name, value) for key, name, value in everyones if key not in there])
        return response

    return add


def shown_path() -> str:
    """Return the path of the request as it may be logged."""
    return f"{SECRET_BELOW}***" if request.path.startswith(SECRET_BELOW) else request.path


def finish(response: Response) -> Response:
    """Add which request it answers, count it and log it."""
    response.headers["X-Request-Id"] = request_id()
    seconds = time.perf_counter() - g.get("began", time.perf_counter())
    route = request.url_rule.rule if request.url_rule else None
    requests, clock = metrics.of_request(route, request.method, response.status_code)
    requests.inc()
    clock.observe(seconds - g.get("waited", 0.0))
    if request.endpoint not in QUIET:
        log.info(
            "request_finished",
            method=request.method,
            path=shown_path(),
            status=response.status_code,
            seconds=round(seconds, 4),
        )
    return response
