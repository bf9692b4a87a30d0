"""Examples for the API's description."""

from typing import Any

from bellhop_web.openapi.examples import JOB, TASK

REQUESTS: dict[str, dict[str, tuple[str, dict[str, Any]]]] = {
    "submit_job": {
        "now": ("As soon as a worker is free", TASK),
        "at a date": ("At a date", TASK | {"run_at": "2030-01-31T09:30:00Z"}),
        "named": (
            "With a label and tags, and not after ten o'clock",
            TASK | {"label": "Report of January", "tags": ["reports", "tenant:7"], "expires": "2030-01-31T10:00:00Z"},
        ),
        "later": ("In a minute and a half, and then before others", TASK | {"delay": 90, "priority": 9}),
    },
    "submit_batch": {
        "two": ("Two jobs, the second one later", {"jobs": [TASK, TASK | {"delay": 90}]}),
        "keyed": (
            "With a key for each, so that any of them can be sent again, in whichever batch",
            {"jobs": [TASK | {"key": "order-4711"}, TASK | {"key": "order-4712"}]},
        ),
    },
}
ANSWERS: dict[str, dict[str, Any]] = {
    "JobView": {
        "id": JOB,
        **TASK,
        "label": "Report of January",
        "tags": ["reports", "tenant:7"],
        "queue": "default",
        "priority": 5,
        "state": "succeeded",
        "expired": False,
        "retrying": False,
        "attempt": 1,
        "blocked_by": None,
        "max_attempts": 4,
        "timeout": None,
        "notice": None,
        "progress": None,
        "result": {
            "status": 200,
            "seconds": 0.412,
            "url": "https://example.org/reports",
            "headers": {"content-type": "text/plain"},
            "body": "done",
            "truncated": False,
            "body_error": None,
        },
        "error": None,
        "run_at": "2030-01-31T09:30:00Z",
        "expires": "2030-01-31T10:00:00Z",
        "created_at": "2030-01-31T09:30:00Z",
        "queued_at": "2030-01-31T09:30:00Z",
        "first_started_at": "2030-01-31T09:30:00.011802Z",
        "started_at": "2030-01-31T09:30:00.011802Z",
        "finished_at": "2030-01-31T09:30:03.027515Z",
        "worker": "worker@9c1d7a",
        "past_attempts": [],
        "submitter": "token:0194bb3c-5d10-7c3a-9c0d-0f3a5a1f7b21",
        "schedule": None,
        "parent": None,
        "request_id": "5cef953dad4b4e5698de69a92e2b8e18",
        "withheld": [],
    },
    "EventsView": {
        "events": [
            {
                "at": "2030-01-31T09:45:00Z",
                "action": "retried",
                "by": "user:0197e3a4-5c1e-7b52-9d7f-3f0a51f7c3aa",
                "request_id": "5cef953dad4b4e5698de69a92e2b8e18",
                "details": {"state": "failed", "finished_at": "2030-01-31T09:30:03.027515+00:00"},
            },
        ],
        "next_cursor": None,
    },
    "AttemptsView": {
        "attempts": [
            {
                "number": 1,
                "outcome": "failed",
                "queued_at": "2030-01-31T09:30:00Z",
                "started_at": "2030-01-31T09:30:00.011802Z",
                "finished_at": "2030-01-31T09:30:03.027515Z",
                "worker": "worker@9c1d7a",
                "error": {
                    "type": "Later",
                    "message": "https://example.org/reports answered 503",
                    "traceback": "Traceback (most recent call last): ...",
                },
            },
        ],
    },
    "JobLogView": {
        "entries": [
            {
                "number": 7,
                "at": "2030-01-31T09:30:00.412077Z",
                "level": "info",
                "logger": "acme.invoices",
                "attempt": 1,
                "message": "12 of 40 pages rendered",
                "traceback": None,
            },
            {
                "number": 8,
                "at": "2030-01-31T09:30:00.933401Z",
                "level": "warning",
                "logger": "stderr",
                "attempt": 1,
                "message": "page 13 has no picture",
                "traceback": None,
            },
        ],
        "truncated": 0,
        "last": 8,
        "state": "running",
        "withheld": False,
    },
}
