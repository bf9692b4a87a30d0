"""Pages: what the links in our mails lead to."""

from flask import Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from bellhop_web.accounts import signing
from bellhop_web.accounts.requests import Confirmation, Reset
from bellhop_web.accounts.sessions import with_session
from bellhop_web.auth.access import Access
from bellhop_web.site import flash, pages_blueprint, read_form, render, show_again
from bellhop_web.site.paths import landing

bp = pages_blueprint("links", "", access=Access.PUBLIC)


@bp.get("/activate")
def activation_form() -> Response:
    """Ask for the password that was chosen. Opening the link confirms nothing: mail programs do that by themselves."""
    return render("accounts/activate.html", token=request.values.get("token", ""))


@bp.post("/activate")
@show_again(activation_form)
def activate() -> AnyResponse:
    """Confirm the address and sign in."""
    given = read_form(Confirmation)
    user, secret = signing.activate(given.token, given.password)
    flash("Your address is confirmed. Welcome!")
    return with_session(redirect(landing("/", user.role), 303), user, secret)


@bp.get("/reset-password")
def reset_form() -> Response:
    """Ask for a new password."""
    return render("accounts/reset.html", token=request.values.get("token", ""))


@bp.post("/reset-password")
@show_again(reset_form)
def reset() -> AnyResponse:
    """Set the new password and sign in."""
    given = read_form(Reset)
    user, secret = signing.reset_password(given.token, given.password)
    flash("Your password is changed, and all other sessions and all API tokens have ended.")
    return with_session(redirect(landing("/", user.role), 303), user, secret)
