"""Pages: to the issuer and back."""

import re
from collections.abc import Callable
from functools import wraps

from flask import Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from bellhop.errors import Refused
from bellhop_ledger.platform.log import get_logger
from bellhop_web.accounts.sessions import with_session
from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import current_session
from bellhop_web.auth.refusals import NotSignedIn
from bellhop_web.http import cookies
from bellhop_web.oidc import linking, logout
from bellhop_web.oidc.admission import admit
from bellhop_web.oidc.attempts import COOKIE, LONGEST_PATH, Attempt, Purpose
from bellhop_web.oidc.claims import LEEWAY, Claims, claims_for
from bellhop_web.oidc.issuer import Issuer, issuer
from bellhop_web.oidc.refusals import AttemptIsOver, IssuerDown, NoSignIn, NotFresh, TokenNotValid
from bellhop_web.site import pages_blueprint, render, see_other
from bellhop_web.site.handed_on import hand_on
from bellhop_web.site.paths import here, landing

log = get_logger(__name__)
bp = pages_blueprint("oidc", "", access=Access.PUBLIC)
Route = Callable[[], AnyResponse]
TRY_LATER = frozenset({"server_error", "temporarily_unavailable"})
"""Errors that say nothing of the person (RFC 6749, 4.1.2.1)."""


def explained(route: Route) -> Route:
    """Explain on a page why nobody was signed in, with the ways on."""

    @wraps(route)
    def run() -> AnyResponse:
        try:
            return route()
        except NotSignedIn:
            raise
        except Refused as error:
            log.info("oidc_sign_in_refused", reason=type(error).__name__)
            return cookies.drop(render("oidc/refused.html", error.status, problem=str(error)), COOKIE)

    return run


@bp.get("/sign-in/oidc")
@explained
def begin() -> AnyResponse:
    """Lead the browser to the issuer; with `again` for somebody who is signed in and is to show who they are."""
    following = here(request.args.get("next", ""))
    purpose, person = Purpose.COME_IN, ""
    if request.args.get("again"):
        purpose, person = Purpose.PROVE, str(current_session()[0])
    attempt = Attempt(purpose=purpose, person=person, following=following if len(following) <= LONGEST_PATH else "/")
    return attempt.begin(issuer())


@bp.get("/sign-in/oidc/callback")
@explained
def complete() -> AnyResponse:
    """Take what the issuer says, and sign in, or do what else the sign-in was for."""
    return cookies.drop(_completed(issuer(), Attempt.returned(request.args.get("state", ""))), COOKIE)


@bp.get("/signed-out")
def signed_out() -> Response:
    """Show that the session has ended, and offer to end that at the issuer."""
    return render("oidc/signed_out.html", elsewhere=logout.address(issuer()))


def _completed(at: Issuer, attempt: Attempt) -> AnyResponse:
    claims = claims_for(at, attempt, _code(at))
    if attempt.purpose is Purpose.LINK:
        hand_on(identity=linking.ticket(claims, attempt.person))
        return see_other("identities_pages.confirm")
    if attempt.purpose is Purpose.PROVE and not _is_fresh(claims, attempt):
        raise NotFresh
    user, secret = admit(at.oidc, claims, only=attempt.person)
    return with_session(redirect(landing(attempt.following, user.role), 303), user, secret)


def _code(at: Issuer) -> str:
    """Return the code that the browser brings. Raises NoSignIn, IssuerDown, TokenNotValid and AttemptIsOver."""
    if error := request.args.get("error"):
        word = error if re.fullmatch("[a-z_]{1,40}", error) else "unknown_error"
        log.info("oidc_issuer_refused", error=word)
        raise IssuerDown if word in TRY_LATER else NoSignIn(word)
    if request.args.get("iss", at.published.issuer) != at.published.issuer:  # RFC 9207, 2.4
        raise TokenNotValid
    if not (code := request.args.get("code")):
        raise AttemptIsOver
    return code


def _is_fresh(claims: Claims, attempt: Attempt) -> bool:
    at = claims.authenticated_at
    return at is not None and at.timestamp() > attempt.began - LEEWAY
