"""Examples for the API's description."""

from typing import Any

ROW: dict[str, Any] = {
    "id": "019c1e6c-e0fc-7e0f-a76d-98e69dc27f9d",
    "name": "nightly report",
    "task": "http.request",
    "words": "every weekday at 02:00",
    "time_zone": "Europe/Vienna",
    "state": "active",
    "trouble": "failing",
    "failures": 1,
    "pause_reason": None,
    "disabled_reason": None,
    "next_due_at": "2030-02-01T01:00:00Z",
    "runs": [
        {
            "due_at": "2030-01-31T01:00:00Z",
            "state": "failed",
            "reason": None,
            "late": False,
            "lateness_seconds": 0.041,
            "took_seconds": 30.2,
            "missed_until": None,
            "manual": False,
            "job_id": "019c1e6c-e0fc-7e0f-a76d-98e69dc27f9e",
        }
    ],
    "hours": [],
}
REQUESTS: dict[str, dict[str, tuple[str, dict[str, Any]]]] = {}
ANSWERS: dict[str, dict[str, Any]] = {
    "WallView": {
        "since": "2030-01-30T17:00:00Z",
        "until": "2030-01-31T07:00:00Z",
        "schedules": [ROW],
        "next_cursor": None,
    }
}
