"""What is counted of requests: how many, with what end, and how long each route took."""

import time
from functools import lru_cache

from flask import Response, g, request
from prometheus_client import Counter, Histogram

REQUESTS = Counter("bellhop_http_requests_total", "Requests, by their status.", ["route", "method", "status"])
SECONDS = Histogram(
    "bellhop_http_request_seconds",
    "How long requests took, without the time for which they were asked to wait.",
    ["route", "method"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
ELSEWHERE, UNREADABLE = "none", "unreadable"
"""Instead of a route: for a path that has none, and for what was no good HTTP. Anybody may make paths up."""


def count(response: Response, seconds: float) -> None:
    """Count the present request."""
    route = request.url_rule.rule if request.url_rule else ELSEWHERE
    method = request.method if request.method in METHODS else "other"
    requests, clock = _of(route, method, response.status_code // 100)
    requests.inc()
    clock.observe(seconds - g.get("waited", 0.0))


def count_unreadable(status: int) -> None:
    """Count a request that never reached the application."""
    REQUESTS.labels(UNREADABLE, "other", f"{status // 100}xx").inc()


def waited(began: float) -> None:
    """Note that the present request has waited, as it was asked to, since `began`."""
    g.waited = time.monotonic() - began


@lru_cache(maxsize=5_000)
def _of(route: str, method: str, status: int) -> tuple[Counter, Histogram]:
    return REQUESTS.labels(route, method, f"{status}xx"), SECONDS.labels(route, method)
