"""Examples for the OpenAPI document: requests as they are sent, and answers as they come."""

from typing import Any

JOB = "019c1e6c-e0fc-7e0f-a76d-98e69dc27f9d"
FETCH = "019c1e6d-04b2-7c55-9e0c-3f5a1b8d6e21"
LUNCH = ["Noodles", "Soup"]
ADDITION: dict[str, Any] = {"task": "products.very_slow_add", "args": {"a": 5, "b": 7}}

SCHEDULE = {"name": "nightly addition", "crontab": "0 2 * * mon-fri", "time_zone": "Europe/Vienna", **ADDITION}

REQUESTS: dict[str, dict[str, tuple[str, dict[str, Any]]]] = {
    "submit_job": {
        "now": ("As soon as a worker is free", ADDITION),
        "at a date": ("At a date", ADDITION | {"run_at": "2030-01-31T09:30:00Z"}),
        "later": ("In a minute and a half, and then before others", ADDITION | {"delay": 90, "priority": 9}),
    },
    "submit_batch": {
        "two": ("Two jobs, the second one later", {"jobs": [ADDITION, ADDITION | {"delay": 90}]}),
    },
    "create_schedule": {
        "crontab": ("By a crontab, in a zone", SCHEDULE),
        "interval": (
            "Every quarter of an hour, unless the last one still runs",
            {"name": "often", "interval_seconds": 900, "overlap": "skip", **ADDITION},
        ),
    },
    "change_schedule": {
        "later": ("An hour later, if nobody has changed it since", {"crontab": "0 3 * * mon-fri", "version": 1}),
    },
    "preview_schedule": {
        "crontab": ("The next ten runs", {"crontab": "@daily", "time_zone": "Europe/Vienna", "count": 10}),
    },
    "submit_fetch": {
        "two": ("Two pages", {"urls": ["https://example.org/", "https://example.com/"]}),
    },
    "create_poll": {
        "tomorrow": ("Until this time tomorrow", {"title": "Where shall we have lunch?", "options": LUNCH}),
        "at a date": (
            "Until a date, and people may change their minds",
            {
                "title": "Where shall we have lunch?",
                "options": LUNCH,
                "closes_at": "2030-01-31T09:30:00Z",
                "votes_may_change": True,
            },
        ),
    },
}
"""By operation: what is asked for, in words and as a body."""

ANSWERS: dict[str, dict[str, Any]] = {
    "JobView": {
        "id": JOB,
        **ADDITION,
        "queue": "slow",
        "priority": 5,
        "state": "succeeded",
        "retrying": False,
        "attempt": 1,
        "max_attempts": 5,
        "progress": {"current": 3.0, "total": 3.0, "message": "done"},
        "result": 12,
        "error": None,
        "run_at": "2030-01-31T09:30:00Z",
        "created_at": "2030-01-31T09:30:00Z",
        "queued_at": "2030-01-31T09:30:00Z",
        "first_started_at": "2030-01-31T09:30:00.011802Z",
        "started_at": "2030-01-31T09:30:00.011802Z",
        "finished_at": "2030-01-31T09:30:03.027515Z",
        "worker": "worker@9c1d7a",
        "past_attempts": [],
        "request_id": "5cef953dad4b4e5698de69a92e2b8e18",
    },
    "FetchView": {
        "id": FETCH,
        "state": "done",
        "pages": [
            {
                "url": "https://example.org/",
                "job_id": JOB,
                "state": "succeeded",
                "ok": True,
                "attempt": 1,
                "max_attempts": 3,
                "started_at": "2030-01-31T09:30:00.011802Z",
                "finished_at": "2030-01-31T09:30:00.427515Z",
                "status": 200,
                "bytes": 1256,
                "seconds": 0.412,
                "error": None,
                "next_attempt_at": None,
            },
            {
                "url": "https://example.com/",
                "job_id": "019c1e6d-04b3-7a10-8c2e-77d1f0a9b3c4",
                "state": "succeeded",
                "ok": True,
                "attempt": 1,
                "max_attempts": 3,
                "started_at": "2030-01-31T09:30:00.011802Z",
                "finished_at": "2030-01-31T09:30:00.427515Z",
                "status": 200,
                "bytes": 1256,
                "seconds": 0.381,
                "error": None,
                "next_attempt_at": None,
            },
        ],
        "failed": 0,
        "total_seconds": 0.431,
        "sum_seconds": 0.793,
        "speed_up": 1.84,
    },
    "PollView": {
        "id": "019c1e6e-2a7b-7d10-9f5e-4b8c7a1d2e3f",
        "title": "Where shall we have lunch?",
        "state": "open",
        "options": [
            {"number": 1, "name": "Noodles", "votes": 3, "share": 0.75},
            {"number": 2, "name": "Soup", "votes": 1, "share": 0.25},
        ],
        "votes": 4,
        "votes_may_change": True,
        "created_at": "2030-01-30T09:30:00Z",
        "closes_at": "2030-01-31T09:30:00Z",
        "closed_at": None,
        "seconds_left": 5400.0,
        "your_vote": 1,
        "may_edit": False,
    },
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
    },
    "ReadinessView": {"status": "ready", "postgres": "ok", "redis": "ok"},
}
"""By schema."""
