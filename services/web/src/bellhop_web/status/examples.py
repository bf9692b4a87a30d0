"""Examples for the API's description."""

from typing import Any

REQUESTS: dict[str, dict[str, tuple[str, dict[str, Any]]]] = {}
ANSWERS: dict[str, dict[str, Any]] = {
    "StatusView": {
        "severity": "bad",
        "parts": [
            {
                "kind": "mail",
                "severity": "bad",
                "words": "Mail is down, 12 wait, next try 03:09",
                "since": "2030-01-31T02:41:07Z",
                "count": 12,
                "link": "/failures#reason-5f1c02ab9d3e",
            }
        ],
        "at": "2030-01-31T03:04:12Z",
    },
}
