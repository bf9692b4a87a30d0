"""The secrets of one request: decrypted while it runs, and kept out of all that is written down."""

import hmac
import time
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass

from bellhop.request_headers import OPEN_HEADERS
from bellhop_ledger.platform.secrets import MASK, forms_of, hidden

ENCODED = "whsec_"
"""Before a key in Base64."""


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

    def private_headers(self, message_id: str, body: bytes) -> Mapping[str, str]:
        """Return the headers for the host that the secrets are meant for, with the signature of the body."""
        if self.signing is None:
            return self.headers
        return {**self.headers, **standard_headers(self.signing, message_id, int(time.time()), body)}

    def hidden_in(self, text: str) -> str:
        """Take the secrets out of what the other side says: it may repeat what it was sent."""
        signing = self.signing or ""
        return hidden(text, forms_of([*self.headers.values(), signing, signing.removeprefix(ENCODED)]))


def standard_headers(secret: str, message_id: str, timestamp: int, body: bytes) -> Mapping[str, str]:
    """Return the headers of Standard Webhooks, https://www.standardwebhooks.com.

    They sign by HMAC-SHA256 over the id, the time in seconds since 1970 and the body, with dots in between.
    """
    signed = f"{message_id}.{timestamp}.".encode() + body
    digest = b64encode(hmac.digest(key_of(secret), signed, "sha256")).decode()
    return {"webhook-id": message_id, "webhook-timestamp": str(timestamp), "webhook-signature": f"v1,{digest}"}


def key_of(secret: str) -> bytes:
    """Return the key that a secret stands for: what follows `whsec_` in Base64, and of any other text its UTF-8."""
    if secret.startswith(ENCODED):
        try:
            return b64decode(secret.removeprefix(ENCODED), validate=True)
        except ValueError:
            pass
    return secret.encode()
