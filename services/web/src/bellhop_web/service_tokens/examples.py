"""Examples for the API's description."""

from typing import Any

REQUESTS: dict[str, dict[str, tuple[str, dict[str, Any]]]] = {
    "create_service_token": {
        "tasks": (
            "An application that submits tasks of one family, and manages its own schedules",
            {"name": "billing", "tasks": ["billing.*"], "schedules": ["billing *"]},
        ),
    },
    "change_service_token": {
        "tasks": ("It may submit another family of tasks, too", {"tasks": ["billing.*", "reports.*"]}),
    },
}
ANSWERS: dict[str, dict[str, Any]] = {
    "ServiceTokenView": {
        "id": "019c1e6e-2222-7a10-8c2e-77d1f0a9b3c4",
        "name": "billing",
        "tasks": ["billing.*"],
        "queues": ["*"],
        "schedules": ["billing *"],
        "created_at": "2030-01-31T08:30:00Z",
        "created_by": "user:019c1e6e-1111-7a10-8c2e-77d1f0a9b3c4",
        "expires_at": "2031-01-31T08:30:00Z",
        "last_used_at": "2030-01-31T09:12:00Z",
        "secrets": [
            {
                "prefix": "bhs_Xq3f8a",
                "created_at": "2030-01-31T08:30:00Z",
                "last_used_at": "2030-01-31T09:12:00Z",
                "valid_until": None,
            }
        ],
    },
}
