"""Examples for the API's description."""

from typing import Any

REQUESTS: dict[str, dict[str, tuple[str, dict[str, Any]]]] = {}
ANSWERS: dict[str, dict[str, Any]] = {
    "FindingView": {
        "check": "redis_policy",
        "state": "wrong",
        "message": "Redis evicts keys when its memory is full (maxmemory-policy allkeys-lru)",
        "advice": "Set maxmemory-policy noeviction: an evicted list is a queue whose messages are lost",
    },
}
