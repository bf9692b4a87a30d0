"""The people of the tests: accounts that are there at once."""

from dataclasses import dataclass
from uuid import UUID, uuid4

import httpx

PASSWORD = "correct horse battery"
PASSWORD_HASH = "$argon2id$v=19$m=8192,t=1,p=1$8AZDpA9LA7nqzrcKPPNtdQ$lf4w0ZGFmSGdUXYKIvVPLmEJw9GqrIZQwR1pZPoQ2Xs"
"""Of that password, by argon2 with little effort."""


@dataclass(frozen=True)
class TestUser:
    """Somebody with an activated account, a token that may write, and a browser that is signed in."""

    __test__ = False

    id: UUID
    email: str
    password: str
    http: httpx.Client
    cookies: dict[str, str]


def address_of(role: str) -> str:
    """Give an address that nobody else has."""
    return f"{role}-{uuid4().hex[:12]}@example.org"
