"""Webhooks: whether a request that arrives here was sent by Bellhop (docs/http-requests.md, "Verify the signature")."""

import hmac
from collections.abc import Mapping
from time import time

from bellhop_client.errors import BellhopError

HEADER = "x-bellhop-signature"


class InvalidSignature(BellhopError):
    """The request was not signed with this secret, or not lately. Answer it with 401 and do nothing."""


def verify(secret: str, headers: Mapping[str, str], body: bytes, *, tolerance: float = 300.0) -> None:
    """Raise InvalidSignature unless a job of `http.request` with this `signing_secret` has sent the request.

    `headers` are those of the request, in whichever case; `body` are its bytes as they arrived, before anything reads
    them as JSON. A signature that is more than `tolerance` seconds old, or as far ahead, is refused: the request may
    be one that somebody has recorded.
    """
    moment, signatures = _parts(headers)
    try:
        signed = moment.encode() + b"." + body
    except TypeError:
        raise TypeError("body: must be the bytes that arrived") from None
    expected = hmac.new(secret.encode(), signed, "sha256").hexdigest()
    if not any(hmac.compare_digest(expected.encode(), one.encode()) for one in signatures):
        raise InvalidSignature("the signature does not fit the body and the secret")
    if abs(time() - int(moment)) > tolerance:
        raise InvalidSignature(f"the signature is not of the last {tolerance:g} seconds")


def _parts(headers: Mapping[str, str]) -> tuple[str, list[str]]:
    """Return the time and the signatures of the header."""
    value = next((value for name, value in headers.items() if name.lower() == HEADER), "")
    parts = [part.strip().partition("=")[::2] for part in value.split(",")]
    moments = [text for name, text in parts if name == "t"]
    if len(moments) != 1 or not (moments[0].isascii() and moments[0].isdigit() and len(moments[0]) < 20):
        raise InvalidSignature("the header X-Bellhop-Signature is missing, or has no time")
    return moments[0], [text for name, text in parts if name == "v1"]
