"""Examples for the API's description."""

from typing import Any

REQUESTS: dict[str, dict[str, tuple[str, dict[str, Any]]]] = {}
ANSWERS: dict[str, dict[str, Any]] = {
    "ForecastView": {
        "since": "2030-01-31T00:20:00Z",
        "until": "2030-01-31T02:00:00Z",
        "schedules": 1240,
        "estimated": False,
        "hours": [
            {"at": "2030-01-31T00:20:00Z", "runs": 0, "seconds": 0},
            {"at": "2030-01-31T01:00:00Z", "runs": 1240, "seconds": 3360},
        ],
        "tasks": [{"task": "http.request", "queue": "slow", "schedules": 1240, "seconds": 2.71, "runs": [0, 1240]}],
        "peaks": [
            {
                "at": "2030-01-31T01:00:00Z",
                "queue": "slow",
                "runs": 1240,
                "seconds": 3360,
                "processes": 4,
                "minutes": 14.0,
            }
        ],
    },
    "JumpsView": {
        "jumps": [
            {
                "time_zone": "Europe/Vienna",
                "at": "2030-03-31T01:00:00Z",
                "seconds": 3600,
                "first": "2030-03-31T02:00",
                "last": "2030-03-31T03:00",
                "words": "goes forward from 02:00 to 03:00 on Sun 31 Mar 2030",
                "touched": 1,
                "schedules": [
                    {
                        "id": "019c1e6c-e0fc-7e0f-a76d-98e69dc27f9d",
                        "name": "nightly report",
                        "effect": "moved",
                        "runs": 1,
                    }
                ],
            }
        ]
    },
}
