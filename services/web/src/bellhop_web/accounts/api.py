"""Routes of /api/account: sign up, sign in and out."""

from flask import Response

from bellhop_ledger.accounts.users import User
from bellhop_ledger.platform.database import transaction
from bellhop_web.accounts import signing
from bellhop_web.accounts.requests import AccountView, Confirmation, Credentials, MailSentView, NewAccount, SignedInView
from bellhop_web.accounts.sessions import end_session, with_session, without_session
from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import current_caller, current_user_id
from bellhop_web.http import csrf
from bellhop_web.http.answers import respond
from bellhop_web.openapi.library import answers, blueprint

bp = blueprint("account", "/api/account", access=Access.SELF, public=("sign_up", "activate", "sign_in"))
LOOK = MailSentView(message="We have sent you a mail: open the link in it")


@bp.post("", responses=answers(202, MailSentView, 400, 413, 415, 429))
def sign_up(body: NewAccount) -> Response:
    """Make an account.

    The link in the mail that follows confirms the address. If there is an account with the
    address already, the answer is the same and its owner is notified. Where `SIGN_UP` is not
    `open`, as in production unless it is set, the answer is 403, here and for an address that is
    not confirmed yet; `sign_up` says whether it is `invite` or `off`.
    """
    signing.sign_up(body.email, body.password)
    return respond(LOOK, 202)


@bp.get("", responses=answers(200, AccountView))
def show_account() -> Response:
    """Show your account."""
    user_id = current_user_id()
    with transaction() as db:
        found = AccountView.of(db.get_one(User, user_id))
    return respond(found)


@bp.post("/activation", responses=answers(200, SignedInView, 400, 413, 415, 429))
def activate(body: Confirmation) -> Response:
    """Confirm your address with the link of the mail, and sign in."""
    return signed_in(*signing.activate(body.token, body.password))


@bp.post("/session", responses=answers(200, SignedInView, 400, 413, 415, 429))
def sign_in(body: Credentials) -> Response:
    """Sign in with address and password; the session comes as a cookie."""
    return signed_in(*signing.sign_in(body.email, body.password))


@bp.delete("/session", responses=answers(204, None, 404))
def sign_out() -> Response:
    """End the session of this request."""
    caller = current_caller()
    if caller.user_id and caller.session_id:
        with transaction() as db:
            end_session(db, caller.user_id, caller.session_id)
    return without_session(Response(status=204))


def signed_in(user: User, secret: str) -> Response:
    """Answer with the session."""
    shown = SignedInView(account=AccountView.of(user), csrf_token=csrf.token(secret))
    return with_session(respond(shown), user, secret)
