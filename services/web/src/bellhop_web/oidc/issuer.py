"""The issuer: what it publishes of itself, and its keys. Fetched when they are first needed, within time limits, and
kept for a while by each process."""

import time
from collections.abc import Callable
from threading import BoundedSemaphore
from typing import Any, Generic, TypeVar

import requests
from authlib.integrations.requests_client import OAuth2Session
from flask import current_app
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel
from werkzeug.exceptions import NotFound

from bellhop_ledger.platform.log import get_logger
from bellhop_web.oidc.refusals import IssuerDown
from bellhop_web.oidc_settings import Oidc

log = get_logger(__name__)
T = TypeVar("T")

DISCOVERY = "/.well-known/openid-configuration"
CALLBACK = "/sign-in/oidc/callback"
TIME_LIMITS = (3.05, 6.0)
"""Seconds to connect, and between two pieces of an answer."""
AT_ONCE = 8
"""How many requests of a process may wait for the issuer; an issuer that hangs must not hold all threads."""
KEPT = 3600.0
"""Seconds after which what the issuer publishes is fetched again."""
KEYS_APART = 5.0
"""Seconds between two fetches of the keys, whatever tokens name."""


class Published(BaseModel):
    """What an issuer publishes of itself (OpenID Connect Discovery, 3), as far as it is needed here."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    end_session_endpoint: str | None = None
    id_token_signing_alg_values_supported: list[str] = ["RS256"]
    token_endpoint_auth_methods_supported: list[str] = ["client_secret_basic"]


class Kept(Generic[T]):
    """A value that is fetched anew when it is older than that."""

    def __init__(self, fetch: Callable[[], T]):
        self._fetch = fetch
        self._kept: tuple[T, float] | None = None

    def get(self, oldest: float = KEPT) -> T:
        """Return the value; it is at most `oldest` seconds old. Raises IssuerDown."""
        kept = self._kept
        if kept is None or time.monotonic() - kept[1] > oldest:
            kept = self._kept = (self._fetch(), time.monotonic())
        return kept[0]


class Issuer:
    """The issuer of OIDC_ISSUER."""

    def __init__(self, oidc: Oidc):
        self.oidc = oidc
        self._published = Kept(self._discover)
        self._keys = Kept(self._fetch_keys)
        self._room = BoundedSemaphore(AT_ONCE)

    @property
    def published(self) -> Published:
        """What the issuer publishes of itself. Raises IssuerDown."""
        return self._published.get()

    def keys(self, *, anew: bool = False) -> KeySet:
        """Return the keys that the issuer signs with, fetched anew where a token names another. Raises IssuerDown."""
        return self._keys.get(KEYS_APART if anew else KEPT)

    def client(self) -> OAuth2Session:
        """Return a client of the issuer's endpoints. The secret goes into the body where that is taken, for in a header
        issuers disagree on how its signs are written."""
        in_body = "client_secret_post" in self.published.token_endpoint_auth_methods_supported
        return OAuth2Session(
            self.oidc.client_id,
            self.oidc.client_secret.get_secret_value(),
            token_endpoint_auth_method="client_secret_post" if in_body else "client_secret_basic",
            scope=self.oidc.scopes,
            redirect_uri=self.oidc.public_url + CALLBACK,
            code_challenge_method="S256",
            default_timeout=TIME_LIMITS,
        )

    def ask(self, step: str, request: Callable[[], T]) -> T:
        """Return the issuer's answer. Raises IssuerDown where it does not come or makes no sense."""
        if not self._room.acquire(blocking=False):
            log.warning("oidc_issuer_failed", step=step, reason="too many requests wait for it")
            raise IssuerDown
        try:
            return request()
        except (requests.RequestException, JoseError, ValueError, KeyError, TypeError) as error:
            log.warning("oidc_issuer_failed", step=step, reason=type(error).__name__)
            raise IssuerDown from None
        finally:
            self._room.release()

    def _discover(self) -> Published:
        return self.ask("discovery", self._read_discovery)

    def _read_discovery(self) -> Published:
        found = Published.model_validate(_fetch(self.oidc.issuer.rstrip("/") + DISCOVERY))
        if found.issuer.rstrip("/") != self.oidc.issuer.rstrip("/"):
            log.error("oidc_issuer_differs", published=found.issuer)
            raise ValueError
        return found

    def _fetch_keys(self) -> KeySet:
        uri = self.published.jwks_uri
        return self.ask("keys", lambda: KeySet.import_key_set(_fetch(uri)))


def _fetch(url: str) -> Any:
    answer = requests.get(url, headers={"Accept": "application/json"}, timeout=TIME_LIMITS)
    answer.raise_for_status()
    return answer.json()


def issuer() -> Issuer:
    """Return the issuer of this installation. Raises NotFound where it has none."""
    found: Issuer | None = current_app.extensions["issuer"]
    if found is None:
        raise NotFound
    return found
