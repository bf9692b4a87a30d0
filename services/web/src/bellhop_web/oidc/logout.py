"""Logout: the way to end the session at the issuer, too (OpenID Connect RP-Initiated Logout, 2)."""

from urllib.parse import urlencode

from bellhop_web.oidc.issuer import Issuer
from bellhop_web.oidc.refusals import IssuerDown
from bellhop_web.site.paths import SIGN_IN


def address(issuer: Issuer) -> str | None:
    """Return where somebody signs out of the issuer and comes back, None where it offers that not, or does not answer.

    No ID token goes along, for none is kept: the issuer asks whether that is wanted.
    """
    try:
        endpoint = issuer.published.end_session_endpoint
    except IssuerDown:
        return None
    facts = {"client_id": issuer.oidc.client_id, "post_logout_redirect_uri": issuer.oidc.public_url + SIGN_IN}
    return endpoint and f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(facts)}"
