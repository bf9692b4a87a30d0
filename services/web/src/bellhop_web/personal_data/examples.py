"""Examples for the API's description."""

from typing import Any

REQUESTS: dict[str, dict[str, tuple[str, dict[str, Any]]]] = {
    "delete_person": {
        "handed_over": ("Somebody who has made schedules", {"hand_over_to": "grace@example.org"}),
    },
}
ANSWERS: dict[str, dict[str, Any]] = {}
