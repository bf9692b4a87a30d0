"""Examples for the API's description."""

from typing import Any

REQUESTS: dict[str, dict[str, tuple[str, dict[str, Any]]]] = {}
ANSWERS: dict[str, dict[str, Any]] = {
    "IdentityView": {
        "id": "019c1e6e-3333-7a10-8c2e-77d1f0a9b3c4",
        "issuer": "https://login.example.org/realms/acme",
        "subject": "f1a1b2c3-4d5e-6f70-8192-a3b4c5d6e7f8",
        "name": "ada@example.org",
        "created_at": "2030-01-31T08:30:00Z",
        "last_used_at": "2030-01-31T09:12:00Z",
    },
}
