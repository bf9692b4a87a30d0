"""Pages: change the address of one's account."""

from flask import Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from bellhop_web.accounts import proof
from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import current_user_id
from bellhop_web.people import address
from bellhop_web.people.requests import AddressChange, AddressConfirmation
from bellhop_web.site import flash, pages_blueprint, read_form, render, see_other, show_again
from bellhop_web.site.handed_on import hand_on
from bellhop_web.site.navigation import start

bp = pages_blueprint("address", "", access=Access.SELF, public=("confirmation_form", "confirm"))


@bp.get("/account/address")
def address_form() -> Response:
    """Ask for the new address."""
    return render("people/address.html", proof=proof.wanted())


@bp.post("/account/address")
@show_again(address_form)
def ask() -> AnyResponse:
    """Write to the new address."""
    given = read_form(AddressChange)
    address.ask(current_user_id(), given.email, given.password)
    hand_on(to=given.email)
    return see_other("signing_pages.look_for_mail")


@bp.get("/confirm-address")
def confirmation_form() -> Response:
    """Ask whether to change the address. Opening the link changes nothing: mail programs do that by themselves."""
    return render("people/confirm_address.html", token=request.values.get("token", ""))


@bp.post("/confirm-address")
@show_again(confirmation_form)
def confirm() -> AnyResponse:
    """Change the address."""
    changed = address.confirm(read_form(AddressConfirmation).token)
    flash(f"The address of your account is {changed.email} now.")
    return redirect(start(), 303)
