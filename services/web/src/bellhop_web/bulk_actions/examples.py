"""Examples for the API's description."""

from typing import Any

QUERY = 'task:http.* error:"refused" since:2h'
REQUESTS: dict[str, dict[str, tuple[str, dict[str, Any]]]] = {
    "retry_jobs": {
        "at once": ("These 60, at once", {"q": QUERY, "count": 60}),
        "with an undo": ("These 60, in ten seconds", {"q": QUERY, "count": 60, "delay": 10}),
    },
    "cancel_jobs": {"by tag": ("All of a customer's that have not ended", {"q": "tag:customer:42", "count": 12})},
}
ANSWERS: dict[str, dict[str, Any]] = {
    "BulkActionView": {
        "id": "019c1e70-2222-7b3a-9c0d-0f3a5a1f7b21",
        "verb": "retry",
        "q": QUERY,
        "number": 60,
        "state": "waiting",
        "requested_by": "user:019c1e6e-1111-7a10-8c2e-77d1f0a9b3c4",
        "request_id": "5cef953dad4b4e5698de69a92e2b8e18",
        "created_at": "2030-01-31T03:12:00.112233Z",
        "runs_at": "2030-01-31T03:12:10.112233Z",
        "started_at": None,
        "handled": 0,
        "changed": 0,
        "finished_at": None,
        "error": None,
        "undone_at": None,
        "undone_by": None,
    },
    "BulkPreviewView": {"verb": "retry", "q": QUERY, "count": 60},
}
