"""Examples for the API's description."""

from typing import Any

REQUESTS: dict[str, dict[str, tuple[str, dict[str, Any]]]] = {
    "change_role": {"operator": ("Somebody who runs this system from now on", {"role": "operator"})},
    "invite_person": {
        "operator": ("Somebody who shall run this system", {"email": "grace@example.org", "role": "operator"}),
    },
    "disable_person": {"left": ("Somebody who has left", {"reason": "Has left"})},
}
ANSWERS: dict[str, dict[str, Any]] = {
    "PersonView": {
        "id": "019c1e6e-1111-7a10-8c2e-77d1f0a9b3c4",
        "email": "ada@example.org",
        "role": "operator",
        "sees_payloads": True,
        "state": "active",
        "created_at": "2030-01-31T08:30:00Z",
        "activated_at": "2030-01-31T08:31:10Z",
        "disabled_at": None,
        "last_seen_at": "2030-01-31T09:12:00Z",
    },
    "InvitationView": {
        "id": "019c1e6e-3333-7a10-8c2e-77d1f0a9b3c4",
        "email": "grace@example.org",
        "role": "operator",
        "invited_by": "user:019c1e6e-1111-7a10-8c2e-77d1f0a9b3c4",
        "created_at": "2030-01-31T08:30:00Z",
        "sent_at": "2030-01-31T08:30:00Z",
        "expires_at": "2030-02-07T08:30:00Z",
        "expired": False,
    },
}
