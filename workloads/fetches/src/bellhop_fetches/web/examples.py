"""Examples for the API's description."""

from typing import Any

from bellhop_web.plugin import EXAMPLE_JOB_ID

FETCH = "019c1e6d-04b2-7c55-9e0c-3f5a1b8d6e21"

REQUESTS: dict[str, dict[str, tuple[str, dict[str, Any]]]] = {
    "submit_fetch": {
        "two": ("Two pages", {"urls": ["https://example.org/", "https://example.com/"]}),
    },
}
ANSWERS: dict[str, dict[str, Any]] = {
    "FetchView": {
        "id": FETCH,
        "state": "done",
        "pages": [
            {
                "url": "https://example.org/",
                "job_id": EXAMPLE_JOB_ID,
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
}
