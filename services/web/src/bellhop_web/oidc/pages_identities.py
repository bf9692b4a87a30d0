"""Pages: by which sign-ins with the issuer one comes into one's account."""

from uuid import UUID

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from bellhop_ledger.accounts.identities import identities_of
from bellhop_ledger.platform.database import transaction
from bellhop_web.accounts import proof
from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import current_session, current_user_id
from bellhop_web.oidc import linking
from bellhop_web.oidc.attempts import Attempt, Purpose
from bellhop_web.oidc.issuer import issuer
from bellhop_web.oidc.letters import IDENTITIES
from bellhop_web.oidc.pages import explained
from bellhop_web.oidc.requests import NewLink
from bellhop_web.site import flash, pages_blueprint, read_form, render, see_other, show_again
from bellhop_web.site.handed_on import handed_on

bp = pages_blueprint("identities", IDENTITIES, access=Access.SELF)


@bp.get("")
def index() -> Response:
    """List them."""
    user_id = current_user_id()
    with transaction() as db:
        found = identities_of(db, user_id)
    return render("oidc/identities.html", identities=found)


@bp.get("/new")
@explained
def begin_link() -> AnyResponse:
    """Lead the browser to the issuer, to link who it says that this is."""
    person, _ = current_session()
    return Attempt(purpose=Purpose.LINK, person=str(person), following=IDENTITIES).begin(issuer())


@bp.get("/confirm")
def confirm() -> Response:
    """Ask whether it is to be linked, and for the password."""
    ticket = request.form.get("identity") or handed_on().get("identity", "")
    _, _, name = linking.read_ticket(ticket, current_user_id())
    return render("oidc/confirm.html", ticket=ticket, name=name, proof=proof.wanted())


@bp.post("")
@show_again(confirm)
def link() -> AnyResponse:
    """Link it."""
    new = read_form(NewLink)
    linking.link_to(current_session()[0], new.identity, new.password)
    flash("The sign-in is linked to your account.")
    return see_other(".index")


@bp.post("/<uuid:id>/remove")
def remove(id: UUID) -> AnyResponse:
    """Take one out of the account."""
    user_id = current_user_id()
    with transaction() as db:
        linking.unlink(db, user_id, id)
    flash("The sign-in no longer lets anybody into your account.")
    return see_other(".index")
