"""Examples for the API's description."""

from typing import Any

REQUESTS: dict[str, dict[str, tuple[str, dict[str, Any]]]] = {}
ANSWERS: dict[str, dict[str, Any]] = {
    "QueueView": {
        "name": "default",
        "waiting": 480,
        "exact": True,
        "oldest_at": "2030-01-31T09:27:58Z",
        "arrivals_per_minute": 60.0,
        "ends_per_minute": 180.0,
        "outlook": "empties",
        "seconds_to_empty": 240.0,
        "workers": 2,
        "served_by": ["worker@4b7e02:1", "worker@9c1d7a:1"],
        "tasks": ["http.request", "mail.send"],
        "paused": None,
    },
}
