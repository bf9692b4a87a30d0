"""Examples for the API's description."""

from typing import Any

REQUESTS: dict[str, dict[str, tuple[str, dict[str, Any]]]] = {}
ANSWERS: dict[str, dict[str, Any]] = {
    "HoldView": {
        "kind": "queue",
        "name": "slow",
        "reason": "The database is being moved",
        "by": "user:019c1e6e-1111-7a10-8c2e-77d1f0a9b3c4",
        "since": "2030-01-31T08:30:00Z",
        "until": "2030-01-31T09:30:00Z",
        "waiting": 12,
    },
}
