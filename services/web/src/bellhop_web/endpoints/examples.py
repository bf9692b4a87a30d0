"""Examples for the API's description."""

from typing import Any

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"amount": {"type": "integer", "minimum": 1}, "card_token": {"type": "string"}},
    "required": ["amount", "card_token"],
}
CHARGE = {"url": "https://billing.example.org/charge", "schema": SCHEMA, "secrets": ["card_token"], "timeout": 20}
REQUESTS: dict[str, dict[str, tuple[str, dict[str, Any]]]] = {
    "put_endpoint": {
        "plain": ("Charge a card by a service of mine", CHARGE),
        "signed": (
            "With a header of its own, and signed",
            CHARGE | {"headers": {"Authorization": "Bearer ..."}, "signing_secret": "whsec_c2lnbmluZy1zZXNhbWU="},
        ),
    },
}
ANSWERS: dict[str, dict[str, Any]] = {
    "EndpointView": {
        "name": "billing.charge",
        "url": "https://billing.example.org/charge",
        "description": "Charge a card. Safe to repeat: the service knows a charge by its Idempotency-Key.",
        "schema": SCHEMA | {"additionalProperties": False},
        "secrets": ["card_token"],
        "queue": "default",
        "served": True,
        "max_attempts": 5,
        "timeout": 20,
        "heartbeat_timeout": 60,
        "completion_timeout": 3600,
        "headers": {"Authorization": "***"},
        "signing_secret": "***",
        "created_at": "2030-01-31T08:30:00Z",
        "updated_at": "2030-01-31T08:30:00Z",
        "updated_by": "user:019c1e6e-1111-7a10-8c2e-77d1f0a9b3c4",
    },
}
