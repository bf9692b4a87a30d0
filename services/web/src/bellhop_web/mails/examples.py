"""Examples for the API's description."""

from typing import Any

from bellhop_web.openapi.examples import JOB

REQUESTS: dict[str, dict[str, tuple[str, dict[str, Any]]]] = {}
ANSWERS: dict[str, dict[str, Any]] = {
    "MailView": {
        "id": "019c1e6e-1111-7a10-8c2e-77d1f0a9b3c4",
        "to": "ada@example.org",
        "subject": "Confirm your address",
        "text": "Somebody, probably you, has made an account with this address.\n\nConfirm it:\n(sent, and not kept)\n",
        "html": "<!doctype html>...",
        "state": "sent",
        "retrying": False,
        "attempt": 1,
        "max_attempts": 8,
        "next_attempt_at": None,
        "reason": None,
        "message_id": "<019c1e6e-1111-7a10-8c2e-77d1f0a9b3c4@bellhop.example.org>",
        "job_id": JOB,
        "created_at": "2030-01-31T09:30:00Z",
        "sent_at": "2030-01-31T09:30:00.412Z",
        "withheld": [],
    },
}
