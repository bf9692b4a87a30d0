"""Examples for the API's description."""

from typing import Any

BACKUP = {"kind": "schedule", "name": "nightly backup", "failures": 1, "late_seconds": 1800}
REQUESTS: dict[str, dict[str, tuple[str, dict[str, Any]]]] = {
    "create_notification": {
        "mail": ("A mail when the backup fails or does not run", BACKUP | {"channel": "mail", "to": "ada@example.org"}),
        "slack": (
            "Slack, when three invoices in a row could not be made, but not at night",
            {
                "kind": "task",
                "name": "invoices.*",
                "failures": 3,
                "channel": "slack",
                "url": "https://hooks.slack.com/services/T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX",
                "quiet_from": "22:00",
                "quiet_until": "07:00",
                "time_zone": "Europe/Vienna",
            },
        ),
    },
}
ANSWERS: dict[str, dict[str, Any]] = {
    "NotificationView": {
        "id": "019c1e6e-7d39-7a51-8c2e-77d1f0a9b3c5",
        **BACKUP,
        "recovered": True,
        "channel": "mail",
        "to": "ada@example.org",
        "to_account": "019c1e6e-1111-7a10-8c2e-77d1f0a9b3c4",
        "url": None,
        "origin": None,
        "signing_secret": None,
        "quiet_from": None,
        "quiet_until": None,
        "time_zone": None,
        "owner": "user:019c1e6e-1111-7a10-8c2e-77d1f0a9b3c4",
        "created_at": "2030-01-31T08:30:00Z",
        "updated_at": "2030-01-31T08:30:00Z",
        "updated_by": "user:019c1e6e-1111-7a10-8c2e-77d1f0a9b3c4",
        "incidents": [
            {
                "condition": "late",
                "name": "nightly backup",
                "since": "2030-02-01T01:30:00Z",
                "notified_at": "2030-02-01T01:30:00Z",
            }
        ],
    },
    "TestView": {"job_id": "019c1e6e-9e55-7b10-9a01-2c9f1f1e7d10"},
}
