"""Examples for the OpenAPI document: requests as they are sent, and answers as they come; each domain has its own."""

from dataclasses import dataclass, field
from typing import Any

JOB = "019c1e6c-e0fc-7e0f-a76d-98e69dc27f9d"
TASK: dict[str, Any] = {"task": "http.request", "args": {"url": "https://example.org/reports", "method": "POST"}}


@dataclass
class Examples:
    """The examples of all domains."""

    requests: dict[str, Any] = field(default_factory=dict)
    """By operation and key: what is asked for, in words and as a body."""
    answers: dict[str, Any] = field(default_factory=dict)
    """By schema."""
    tags: dict[str, str] = field(default_factory=dict)
    """What stands below each heading."""
    located: set[str] = field(default_factory=set)
    """The operations that say in `Location` where to watch what was accepted."""
