"""Pages: one's own account, its sessions and tokens."""

from uuid import UUID

from flask import Response
from werkzeug.wrappers import Response as AnyResponse

from bellhop_ledger.accounts import system_tokens
from bellhop_ledger.accounts.users import User
from bellhop_ledger.audit import Action as Audited
from bellhop_ledger.platform.database import transaction
from bellhop_web.accounts import proof
from bellhop_web.accounts.requests import NewToken
from bellhop_web.accounts.sessions import end_session, sessions_of
from bellhop_web.accounts.tokens import make_token, revoke_token, tokens_of
from bellhop_web.auth.access import Access
from bellhop_web.auth.acts import note
from bellhop_web.auth.callers import current_caller, current_session, current_user_id
from bellhop_web.site import flash, pages_blueprint, read_form, render, see_other, show_again
from bellhop_web.site.handed_on import hand_on, handed_on

bp = pages_blueprint("account", access=Access.SELF, admins=("end_system_token",))


@bp.get("")
def index() -> Response:
    """Show the account."""
    return render_account(handed_on())


def render_account(new_token: dict[str, str]) -> Response:
    """Return the page of the account, with a token that was just made."""
    user_id, current = current_user_id(), current_caller().session_id
    with transaction() as db:
        user, sessions, tokens = db.get_one(User, user_id), sessions_of(db, user_id), tokens_of(db, user_id)
        of_system = system_tokens.valid(db) if current_caller().may(Access.ADMIN) else []
    return render(
        "accounts/account.html",
        user=user,
        sessions=sessions,
        current=current,
        tokens=tokens,
        of_system=of_system,
        new_token=new_token,
        proof=proof.wanted(),
    )


@bp.post("/sessions/<uuid:session_id>/end")
def end(session_id: UUID) -> AnyResponse:
    """Sign a browser out."""
    user_id = current_user_id()
    with transaction() as db:
        end_session(db, user_id, session_id)
    flash("The session has ended.")
    return see_other("account_pages.index")


@bp.post("/tokens")
@show_again(index)
def create_token() -> AnyResponse:
    """Make a token and show it, this once."""
    new = read_form(NewToken)
    _, secret = make_token(*current_session(), new)
    hand_on(secret=secret, name=new.name)
    return see_other("account_pages.index")


@bp.post("/tokens/<uuid:token_id>/revoke")
def revoke(token_id: UUID) -> AnyResponse:
    """End a token."""
    user_id = current_user_id()
    with transaction() as db:
        revoke_token(db, user_id, token_id)
    flash("The token is revoked.")
    return see_other("account_pages.index")


@bp.post("/system-tokens/<uuid:token_id>/end")
def end_system_token(token_id: UUID) -> AnyResponse:
    """End a token of the system."""
    with transaction() as db:
        system_tokens.end(db, token_id)
        note(db, Audited.SYSTEM_TOKEN_ENDED, "token", token_id)
    flash("The token of the system has ended.")
    return see_other("account_pages.index")
