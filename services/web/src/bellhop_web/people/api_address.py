"""Routes of /api/account/address: change the address of your account."""

from flask import Response

from bellhop_web.accounts.api import LOOK
from bellhop_web.accounts.requests import MailSentView
from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import current_user_id
from bellhop_web.http.answers import respond
from bellhop_web.openapi.library import answers, blueprint
from bellhop_web.people import address
from bellhop_web.people.requests import AddressChange, AddressConfirmation

bp = blueprint("account_address", "/api/account", tag="account", access=Access.SELF, public=("confirm_address",))


@bp.post("/address", responses=answers(202, MailSentView, 400, 413, 415, 429))
def ask_for_address(body: AddressChange) -> Response:
    """Ask for a mail to a new address of yours. It takes the place of the present one when its link is opened.

    The present address is told. Where the new one has an account already, its owner is told instead, and the answer is
    the same.
    """
    address.ask(current_user_id(), body.email, body.password)
    return respond(LOOK, 202)


@bp.put("/address", responses=answers(204, None, 400, 409, 413, 415))
def confirm_address(body: AddressConfirmation) -> Response:
    """Change the address of an account with the link of the mail. Sessions and tokens stay."""
    address.confirm(body.token)
    return Response(status=204)
