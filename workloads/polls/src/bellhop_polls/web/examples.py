"""Examples for the API's description."""

from typing import Any

LUNCH = ["Noodles", "Soup"]

REQUESTS: dict[str, dict[str, tuple[str, dict[str, Any]]]] = {
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
ANSWERS: dict[str, dict[str, Any]] = {
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
}
