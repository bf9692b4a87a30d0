"""Examples for the API's description."""

from typing import Any

REQUESTS: dict[str, dict[str, tuple[str, dict[str, Any]]]] = {}
ANSWERS: dict[str, dict[str, Any]] = {
    "QueueView": {
        "name": "default",
        "waiting": 12,
        "exact": True,
        "oldest_at": "2030-01-31T09:29:58Z",
        "workers": 2,
        "paused": None,
    },
}
