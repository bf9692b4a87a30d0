"""The secrets of one request: decrypted while it runs, and kept out of all that is written down."""

import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass

from bellhop.builtins.http_requests import OPEN_HEADERS
from bellhop_ledger.platform.secrets import MASK, forms_of, hidden


@dataclass(frozen=True)
class Secrets:
    """The secrets of one request: they are in here while it runs and nowhere else."""

    headers: Mapping[str, str]
    signing: str | None

    @classmethod
    def among(cls, headers: Mapping[str, str], signing: str | None) -> "Secrets":
        """Return what of a request is secret."""
        return cls(
            {name.lower(): value for name, value in headers.items() if name.lower() not in OPEN_HEADERS}, signing
        )

    def __repr__(self) -> str:
        return f"Secrets({MASK})"

    def private_headers(self, body: bytes) -> Mapping[str, str]:
        """Return the headers for the host that the secrets are meant for, with the signature of the body."""
        if self.signing is None:
            return self.headers
        return {**self.headers, "x-bellhop-signature": signature(self.signing, int(time.time()), body)}

    def hidden_in(self, text: str) -> str:
        """Take the secrets out of what the other side says: it may repeat what it was sent."""
        return hidden(text, forms_of([*self.headers.values(), self.signing or ""]))


def signature(secret: str, timestamp: int, body: bytes) -> str:
    """Return the header X-Bellhop-Signature: HMAC-SHA256 over the time in seconds since 1970, a dot and the body."""
    digest = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"
