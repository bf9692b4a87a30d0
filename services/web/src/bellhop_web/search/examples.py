"""Examples for the API's description."""

from typing import Any

REQUESTS: dict[str, dict[str, tuple[str, dict[str, Any]]]] = {}
ANSWERS: dict[str, dict[str, Any]] = {
    "Suggestion": {"text": "task:http.request", "words": ""},
}
