"""Examples for the API's description."""

from typing import Any

REQUESTS: dict[str, dict[str, tuple[str, dict[str, Any]]]] = {}
NUMBERS = {"submitted": 118, "succeeded": 112, "failed": 3, "cancelled": 1, "expired": 0, "retried": 5}
TIMES = {
    "wait": {"p50": 0.00916, "p95": 0.0518, "p99": 0.146},
    "run": {"p50": 0.207, "p95": 1.17, "p99": 1.66},
}
ANSWERS: dict[str, dict[str, Any]] = {
    "TimesView": TIMES["run"],
    "CountView": {**NUMBERS, **TIMES},
    "PointView": {"starts_at": "2030-01-31T09:30:00Z", **NUMBERS, **TIMES},
    "TaskCountView": {"task": "http.request", **NUMBERS, **TIMES},
    "CountsView": {
        "step": "minute",
        "since": "2030-01-31T09:30:00Z",
        "until": "2030-01-31T09:31:00Z",
        "counted_since": "2030-01-01T00:00:00Z",
        "counted_until": "2030-01-31T09:31:00Z",
        "total": {**NUMBERS, **TIMES},
        "tasks": [{"task": "http.request", **NUMBERS, **TIMES}],
        "points": [{"starts_at": "2030-01-31T09:30:00Z", **NUMBERS, **TIMES}],
    },
}
