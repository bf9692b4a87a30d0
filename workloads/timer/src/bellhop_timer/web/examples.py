"""Examples for the API's description."""

from typing import Any

REQUESTS: dict[str, dict[str, tuple[str, dict[str, Any]]]] = {}
ANSWERS: dict[str, dict[str, Any]] = {
    "TimerView": {
        "minute": 61,
        "second": 7,
        "ticks": 3667,
        "started_at": "2030-01-31T08:28:53Z",
        "last_tick_at": "2030-01-31T09:30:00Z",
        "late": 0,
        "missed": 1,
        "last_minute": [{"second": "2030-01-31T09:30:00Z", "state": "on_time", "lateness": 0.021}],
    },
}
