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
    """Return an address that nobody else has."""
    return f"{role}-{uuid4().hex[:12]}@example.org"


class Person:
    """Somebody who uses the API from a browser: with a cookie, and the token that changes want."""

    def __init__(self, http: httpx.Client, email: str = "", password: str = PASSWORD):
        self.http, self.email, self.password = http, email or address_of("person"), password

    def sign_up(self) -> None:
        """Make an account that is not confirmed."""
        answer = self.http.post("/api/account", json={"email": self.email, "password": self.password})
        assert answer.status_code == 202, answer.text

    def sign_in(self) -> httpx.Response:
        """Sign in, and send the right token from then on."""
        credentials = {"email": self.email, "password": self.password}
        return self.entered(self.http.post("/api/account/session", json=credentials))

    def entered(self, answer: httpx.Response) -> httpx.Response:
        """Take the token from an answer that signs in."""
        if answer.status_code == 200:
            self.http.headers["X-CSRF-Token"] = answer.json()["csrf_token"]
        return answer

    @property
    def session(self) -> str:
        """What the cookie holds."""
        return self.http.cookies["bellhop_session"]
