"""What is counted of requests: how many, with what end, and how long each route took."""

import time
from functools import lru_cache

from flask import g
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


def count_unreadable(status: int) -> None:
    """Count a request that never reached the application."""
    REQUESTS.labels(UNREADABLE, "other", f"{status // 100}xx").inc()


def waited(began: float) -> None:
    """Note that the present request has waited, as it was asked to, since `began`."""
    g.waited = time.monotonic() - began


@lru_cache(maxsize=5_000)
def of_request(route: str | None, method: str, status: int) -> tuple[Counter, Histogram]:
    """Return what counts and what times requests to a route, by method and status."""
    method = method if method in METHODS else "other"
    route = route or ELSEWHERE
    return REQUESTS.labels(route, method, f"{status // 100}xx"), SECONDS.labels(route, method)
