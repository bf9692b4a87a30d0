"""Examples for the API's description."""

from typing import Any

REQUESTS: dict[str, dict[str, tuple[str, dict[str, Any]]]] = {}
ANSWERS: dict[str, dict[str, Any]] = {
    "ActView": {
        "id": 4711,
        "at": "2030-01-31T08:30:00Z",
        "actor": "user:019c1e6e-1111-7a10-8c2e-77d1f0a9b3c4",
        "actor_name": "ada@example.org",
        "action": "schedule.paused",
        "kind": "schedule",
        "thing": "019c1e6e-3333-7a10-8c2e-77d1f0a9b3c4",
        "address": "192.0.2.7",
        "agent": "curl/8.5.0",
        "request_id": "5cef953dad4b4e5698de69a92e2b8e18",
        "details": {"name": "nightly report", "reason": "The printer burns"},
    },
}
