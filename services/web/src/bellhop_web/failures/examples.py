"""Examples for the API's description."""

from typing import Any

from bellhop_web.openapi.examples import JOB

REQUESTS: dict[str, dict[str, tuple[str, dict[str, Any]]]] = {}
ANSWERS: dict[str, dict[str, Any]] = {
    "FailureView": {
        "reason": "5f1c02ab9d3e",
        "words": "{host} refused the connection",
        "count": 120,
        "failed": 60,
        "cancelled": 0,
        "retrying": 60,
        "first_at": "2030-01-31T02:41:07Z",
        "last_at": "2030-01-31T03:09:12Z",
        "tasks": [{"task": "http.request", "count": 120}],
        "hosts": [{"host": "api.example.org", "count": 120}],
        "bars": [*([0] * 22), 50, 70],
        "sample": {
            "id": JOB,
            "task": "http.request",
            "error": {"type": "Unanswered", "message": "api.example.org refused the connection", "traceback": ""},
        },
    },
}
