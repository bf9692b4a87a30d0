"""Examples for the API's description."""

from typing import Any

from bellhop_web.openapi.examples import TASK

SCHEDULE = {"name": "nightly report", "crontab": "0 2 * * mon-fri", "time_zone": "Europe/Vienna", **TASK}

REQUESTS: dict[str, dict[str, tuple[str, dict[str, Any]]]] = {
    "create_schedule": {
        "crontab": ("By a crontab, in a zone", SCHEDULE),
        "interval": (
            "Every quarter of an hour, unless the last one still runs",
            {"name": "often", "interval_seconds": 900, "overlap": "skip", **TASK},
        ),
    },
    "change_schedule": {
        "later": ("An hour later, if nobody has changed it since", {"crontab": "0 3 * * mon-fri", "version": 1}),
    },
    "preview_schedule": {
        "crontab": ("The next ten runs", {"crontab": "@daily", "time_zone": "Europe/Vienna", "count": 10}),
    },
}
ANSWERS: dict[str, dict[str, Any]] = {}
