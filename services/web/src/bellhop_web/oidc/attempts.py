"""Attempts: a sign-in that has begun and not come back yet. It travels in an encrypted cookie of its browser."""

import hmac
import secrets
import time
from datetime import timedelta
from enum import StrEnum
from typing import Any, Self

from flask import redirect
from pydantic import BaseModel, Field
from werkzeug.wrappers import Response

from bellhop_ledger.platform.secrets import CannotDecrypt, decrypt, encrypt
from bellhop_web.http import cookies
from bellhop_web.oidc.issuer import Issuer
from bellhop_web.oidc.refusals import AttemptIsOver

COOKIE = "bellhop_oidc"
LIFE = timedelta(minutes=15)
LONGEST_PATH = 1000
"""Characters of the page to come back to: a cookie has room for 4,000."""


class Purpose(StrEnum):
    """What a sign-in is for."""

    COME_IN = "come_in"
    PROVE = "prove"
    """Somebody who is signed in shows again who they are."""
    LINK = "link"
    """Somebody who is signed in wants to come in that way, too."""


def _random() -> str:
    return secrets.token_urlsafe(32)


class Attempt(BaseModel):
    """What must be known when the browser comes back."""

    purpose: Purpose
    following: str
    """The path to lead on to."""
    person: str = ""
    """The id of who is signed in; empty: nobody need be."""
    state: str = Field(default_factory=_random)
    nonce: str = Field(default_factory=_random)
    verifier: str = Field(default_factory=_random)
    began: float = Field(default_factory=time.time)

    def begin(self, issuer: Issuer) -> Response:
        """Lead the browser to the issuer. Raises IssuerDown."""
        fresh: dict[str, Any] = {"prompt": "login", "max_age": 0} if self.purpose is Purpose.PROVE else {}
        endpoint = issuer.published.authorization_endpoint
        with issuer.client() as client:
            address, _ = client.create_authorization_url(
                endpoint, self.state, code_verifier=self.verifier, nonce=self.nonce, **fresh
            )
        return cookies.put(redirect(address), COOKIE, encrypt(self.model_dump_json(), COOKIE), LIFE)

    @classmethod
    def returned(cls, state: str) -> Self:
        """Return the attempt of this browser that had this state. Raises AttemptIsOver."""
        try:
            found = cls.model_validate_json(decrypt(cookies.read(COOKIE), COOKIE))
        except (CannotDecrypt, ValueError):
            raise AttemptIsOver from None
        same = hmac.compare_digest(found.state.encode(), state.encode())
        if not same or time.time() - found.began > LIFE.total_seconds():
            raise AttemptIsOver
        return found
