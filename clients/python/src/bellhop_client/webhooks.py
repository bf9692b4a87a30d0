"""Webhooks: whether a request that arrives here was sent by Bellhop, by https://www.standardwebhooks.com."""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping
from time import time

from bellhop_client.errors import BellhopError

ENCODED = "whsec_"
"""Before a key in Base64."""


class InvalidSignature(BellhopError):
    """The request was not signed with this secret, or not lately. Answer it with 401 and do nothing."""


def verify(secret: str, headers: Mapping[str, str], body: bytes, *, tolerance: float = 300.0) -> None:
    """Raise InvalidSignature unless a job of `http.request` with this `signing_secret` has sent the request.

    `headers` are those of the request, in whichever case; `body` are its bytes as they arrived, before anything reads
    them as JSON. A signature that is more than `tolerance` seconds old, or as far ahead, is refused: the request may
    be one that somebody has recorded.
    """
    found = {name.lower(): value for name, value in headers.items()}
    sent = found.get("webhook-timestamp", "")
    if not (sent.isascii() and sent.isdigit() and len(sent) < 20):
        raise InvalidSignature("the header webhook-timestamp is missing, or is no time in seconds")
    try:
        signed = f"{found.get('webhook-id', '')}.{sent}.".encode() + body
    except TypeError:
        raise TypeError("body: must be the bytes that arrived") from None
    expected = b"v1," + b64encode(hmac.digest(_key_of(secret), signed, "sha256"))
    signatures = found.get("webhook-signature", "").split(" ")
    if not any(hmac.compare_digest(expected, one.encode()) for one in signatures):
        raise InvalidSignature("the signature does not fit the secret, the headers and the body")
    if abs(time() - int(sent)) > tolerance:
        raise InvalidSignature(f"the signature is not of the last {tolerance:g} seconds")


def _key_of(secret: str) -> bytes:
    """Return the key that a secret stands for: what follows `whsec_` in Base64, and of any other text its UTF-8."""
    if secret.startswith(ENCODED):
        try:
            return b64decode(secret.removeprefix(ENCODED), validate=True)
        except ValueError:
            pass
    return secret.encode()
