"""Examples for the API's description."""

from typing import Any

from bellhop_web.openapi.examples import JOB

REQUESTS: dict[str, dict[str, tuple[str, dict[str, Any]]]] = {
    "complete_attempt": {
        "progress": ("The work goes on, and is so far", {"progress": {"current": 3, "total": 10, "message": "Page 3"}}),
        "heartbeat": ("The work goes on", {"heartbeat": True}),
        "result": ("The work is done", {"result": {"charge": "ch_4711"}}),
        "error": (
            "The work failed, and another attempt may succeed",
            {"error": {"type": "BankAway", "message": "The bank does not answer"}, "retry": True, "retry_after": 60},
        ),
    },
}
ANSWERS: dict[str, dict[str, Any]] = {
    "CompletionView": {"job_id": JOB, "state": "running", "heartbeat_by": "2030-01-31T09:31:00Z"},
}
