"""Pages: change a password, or say that it is forgotten."""

from flask import Response
from werkzeug.wrappers import Response as AnyResponse

from bellhop_web.accounts import signing
from bellhop_web.accounts.requests import Forgotten, PasswordChange
from bellhop_web.accounts.sessions import with_session
from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import current_user_id
from bellhop_web.site import flash, pages_blueprint, read_form, render, see_other, show_again
from bellhop_web.site.handed_on import hand_on

bp = pages_blueprint("passwords", "", access=Access.SELF, public=("forgotten_form", "forgotten"))


@bp.get("/forgot-password")
def forgotten_form() -> Response:
    """Ask for the address."""
    return render("accounts/forgotten.html")


@bp.post("/forgot-password")
@show_again(forgotten_form)
def forgotten() -> AnyResponse:
    """Send a mail with a link, and say so whether there is an account or not."""
    given = read_form(Forgotten)
    signing.ask_for_reset(given.email)
    hand_on(to=given.email)
    return see_other("signing_pages.look_for_mail")


@bp.get("/account/password")
def password_form() -> Response:
    """Ask for the old and the new password."""
    return render("accounts/password.html")


@bp.post("/account/password")
@show_again(password_form)
def change_password() -> AnyResponse:
    """Change the password; all other sessions end, and all tokens unless they are to stay."""
    given = read_form(PasswordChange)
    user, secret = signing.change_password(current_user_id(), given.current, given.new, and_tokens=given.revoke_tokens)
    ended = "all other sessions and all API tokens" if given.revoke_tokens else "all other sessions"
    flash(f"Your password is changed, and {ended} have ended.")
    return with_session(see_other("account_pages.index"), user, secret)
