"""Pages: sign up, sign in, sign out."""

from flask import Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from bellhop_ledger.platform.database import transaction
from bellhop_web.accounts import signing
from bellhop_web.accounts.requests import Credentials, NewAccount
from bellhop_web.accounts.sessions import end_session, with_session, without_session
from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import caller
from bellhop_web.auth.opening import sign_up_is_open
from bellhop_web.http import csrf
from bellhop_web.site import kept, pages_blueprint, read_form, render, see_other, show_again
from bellhop_web.site.handed_on import hand_on, handed_on
from bellhop_web.site.paths import here, landing

PUBLIC = ("sign_up_form", "sign_up", "look_for_mail", "sign_in_form", "sign_in", "sign_out")
bp = pages_blueprint("signing", "", access=Access.SELF, public=PUBLIC)


@bp.get("/sign-up")
def sign_up_form() -> Response:
    """Ask for an address and a password, or say that nobody can sign up."""
    return render("accounts/sign_up.html") if sign_up_is_open() else render("accounts/sign_up_off.html", 403)


@bp.post("/sign-up")
@show_again(sign_up_form)
def sign_up() -> AnyResponse:
    """Make an account and say that a mail is on its way."""
    if not sign_up_is_open():
        return sign_up_form()
    new = read_form(NewAccount)
    signing.sign_up(new.email, new.password)
    hand_on(to=new.email)
    return see_other("signing_pages.look_for_mail")


@bp.get("/mail-sent")
def look_for_mail() -> Response:
    """Show where a mail went."""
    return render("accounts/look_for_mail.html", to=handed_on().get("to"))


@bp.get("/sign-in")
def sign_in_form() -> Response:
    """Ask who it is."""
    typed, action = request.form.get(kept.KEPT, ""), request.form.get(kept.KEPT_FOR, "")
    following = here(request.values.get("next", ""))
    return render("accounts/sign_in.html", next=following, kept=typed, kept_for=action)


@bp.post("/sign-in")
@show_again(sign_in_form)
def sign_in() -> AnyResponse:
    """Sign in and lead on to where the person wanted to go."""
    given = read_form(Credentials)
    user, secret = signing.sign_in(given.email, given.password)
    if action := request.form.get(kept.KEPT_FOR):
        typed, token = kept.unpacked(request.form.get(kept.KEPT, "")), csrf.token(secret)
        again = render("accounts/signed_in_again.html", typed=typed, action=here(action), form_token=token)
        return with_session(again, user, secret)
    return with_session(redirect(landing(request.form.get("next", ""), user.role), 303), user, secret)


@bp.post("/sign-out")
def sign_out() -> AnyResponse:
    """End the session, if there is one still."""
    person = caller()
    by_issuer = False
    if person and person.user_id and person.session_id:
        with transaction() as db:
            by_issuer = end_session(db, person.user_id, person.session_id)
    return without_session(see_other("oidc_pages.signed_out" if by_issuer else "home_pages.index"))
