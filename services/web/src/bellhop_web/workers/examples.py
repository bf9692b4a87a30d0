"""Examples for the API's description."""

from typing import Any

JOB = {
    "id": "019c1e6e-7d39-7a51-8c2e-77d1f0a9b3c5",
    "task": "products.very_slow_add",
    "queue": "slow",
    "since": "2030-01-31T09:29:58Z",
}
REQUESTS: dict[str, dict[str, tuple[str, dict[str, Any]]]] = {}
ANSWERS: dict[str, dict[str, Any]] = {
    "WorkerView": {
        "name": "worker@9c1d7a:1",
        "host": "9c1d7a",
        "state": "draining",
        "release": "2030-01-30.2",
        "started_at": "2030-01-30T17:00:02Z",
        "seen_at": "2030-01-31T09:30:01Z",
        "queues": ["default", "slow"],
        "running": 1,
        "memory_mib": 71.5,
        "memory_of_all_mib": 208.3,
        "processes": [
            {"pid": 17, "memory_mib": 69.2, "claimed": 1, "job": JOB},
            {"pid": 18, "memory_mib": 67.6, "claimed": 0, "job": None},
        ],
        "async_pool": None,
        "draining": {
            "since": "2030-01-31T09:29:40Z",
            "reason": "The machine is replaced",
            "by": "user:019c1e6e-1111-7a10-8c2e-77d1f0a9b3c4",
            "known": True,
        },
    },
}
