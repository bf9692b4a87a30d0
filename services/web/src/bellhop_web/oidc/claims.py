"""Claims: a code that a browser brings back is exchanged for what the issuer says of somebody, which is verified."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from typing import Any

from authlib.integrations.requests_client import OAuth2Session, OAuthError
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import BadSignatureError, InvalidKeyIdError, JoseError
from joserfc.jws import JWSRegistry

from bellhop_ledger.platform import clock
from bellhop_ledger.platform.log import get_logger
from bellhop_web.accounts.fields import email
from bellhop_web.oidc.attempts import Attempt
from bellhop_web.oidc.issuer import Issuer
from bellhop_web.oidc.refusals import AttemptIsOver, TokenNotValid

log = get_logger(__name__)

SIGNED_WITH = frozenset(
    {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"}
)
"""With a key that the issuer alone has; never `none`, and never with the secret of a client."""
LEEWAY = 60
"""Seconds by which two clocks may differ."""
LONGEST_NAME = 200


@dataclass(frozen=True)
class Claims:
    """What an issuer says of somebody."""

    issuer: str
    subject: str
    name: str
    email: str | None
    email_confirmed: bool | None
    """None: the issuer does not say."""
    groups: tuple[str, ...]
    authenticated_at: datetime | None
    """When they last showed the issuer who they are; None: it does not say."""


def claims_for(issuer: Issuer, attempt: Attempt, code: str) -> Claims:
    """Return what the issuer says for a code. Raises AttemptIsOver, TokenNotValid and IssuerDown."""
    with issuer.client() as client:
        token = _exchanged(issuer, client, attempt, code)
        said = _verified(issuer, attempt, token)
        userinfo = issuer.published.userinfo_endpoint
        if userinfo and _is_short(issuer, said):
            said = _joined(said, issuer.ask("userinfo", lambda: client.get(userinfo).json()))
    return _read(issuer, said)


def _exchanged(issuer: Issuer, client: OAuth2Session, attempt: Attempt, code: str) -> dict[str, Any]:
    """Exchange the code for tokens. Raises AttemptIsOver where the issuer does not know the code, or not any more."""
    where = issuer.published.token_endpoint
    try:
        return issuer.ask("token", lambda: dict(client.fetch_token(where, code=code, code_verifier=attempt.verifier)))
    except OAuthError as error:
        log.warning("oidc_code_refused", error=str(error.error)[:100])
        raise AttemptIsOver from None


def _verified(issuer: Issuer, attempt: Attempt, token: dict[str, Any]) -> dict[str, Any]:
    """Return the claims of the ID token (OpenID Connect Core, 3.1.3.7). Raises TokenNotValid and IssuerDown."""
    expected = {
        "iss": {"essential": True, "value": issuer.published.issuer},
        "aud": {"essential": True, "value": issuer.oidc.client_id},
        "sub": {"essential": True},
    }
    params = {"nonce": attempt.nonce, "client_id": issuer.oidc.client_id, "access_token": token.get("access_token")}
    try:
        decoded = _decoded(issuer, str(token.get("id_token")))
        claims = CodeIDToken(decoded.claims, decoded.header, expected, params)
        claims.validate(leeway=LEEWAY)
    except (JoseError, ValueError) as error:
        log.warning("oidc_token_refused", reason=f"{type(error).__name__}: {error}"[:200])
        raise TokenNotValid from None
    return dict(claims)


def _decoded(issuer: Issuer, text: str) -> jwt.Token:
    """Check the signature; a key that is not known may be a new one."""
    named = SIGNED_WITH.intersection(issuer.published.id_token_signing_alg_values_supported)
    registry = JWSRegistry(algorithms=sorted(named) or ["RS256"], strict_check_header=False)
    try:
        return jwt.decode(text, issuer.keys(), registry=registry)
    except (InvalidKeyIdError, BadSignatureError):
        return jwt.decode(text, issuer.keys(anew=True), registry=registry)


def _is_short(issuer: Issuer, said: dict[str, Any]) -> bool:
    """Whether the ID token leaves out what is needed; many issuers say that elsewhere."""
    return "email" not in said or bool(issuer.oidc.roles and not groups_in(said, issuer.oidc.groups_claim))


def _joined(said: dict[str, Any], more: Any) -> dict[str, Any]:
    """Add what userinfo says; the ID token counts more. Raises TokenNotValid where it is about somebody else."""
    if not isinstance(more, dict) or more.get("sub") != said["sub"]:
        log.warning("oidc_token_refused", reason="userinfo is about somebody else")
        raise TokenNotValid
    return more | said


def _read(issuer: Issuer, said: dict[str, Any]) -> Claims:
    address = _address(said.get("email"))
    confirmed = said.get("email_verified")
    return Claims(
        issuer=said["iss"],
        subject=said["sub"],
        name=str(address or said.get("preferred_username") or said.get("name") or said["sub"])[:LONGEST_NAME],
        email=address,
        email_confirmed=confirmed if isinstance(confirmed, bool) else None,
        groups=groups_in(said, issuer.oidc.groups_claim),
        authenticated_at=_moment(said.get("auth_time")),
    )


def _moment(given: Any) -> datetime | None:
    try:
        return min(datetime.fromtimestamp(given, UTC), clock.now())
    except (OSError, OverflowError, TypeError, ValueError):
        return None


def _address(given: object) -> str | None:
    try:
        return email(given) if isinstance(given, str) else None
    except ValueError:
        return None


def groups_in(said: dict[str, Any], claim: str) -> tuple[str, ...]:
    """Return the groups in a claim: one of this name, or the one at the end of a path of names with points."""

    def inner(value: Any, name: str) -> Any:
        return value.get(name) if isinstance(value, dict) else None

    found = said[claim] if claim in said else reduce(inner, claim.split("."), said)
    listed = found if isinstance(found, list) else [found]
    return tuple(group for group in listed if isinstance(group, str))
