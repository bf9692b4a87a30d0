"""Pages: inviting people, and where the link of an invitation leads."""

from typing import Any
from uuid import UUID

from flask import Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from bellhop_ledger.accounts import invitations
from bellhop_ledger.platform.database import transaction
from bellhop_web.accounts import proof
from bellhop_web.accounts.sessions import with_session
from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import current_caller
from bellhop_web.auth.names import names_of
from bellhop_web.auth.opening import invitations_are_open
from bellhop_web.people import inviting
from bellhop_web.people.invitations import Acceptance, InvitationView, NewInvitation
from bellhop_web.people.pages import ROLES
from bellhop_web.site import flash, pages_blueprint, read_form, render, see_other, show_again
from bellhop_web.site.paths import landing

bp = pages_blueprint("invitations", "", access=Access.ADMIN, public=("acceptance_form", "accept"))


@bp.get("/people/invitations")
def index() -> Response:
    """Show who is invited, and ask whom to invite."""
    with transaction() as db:
        found = [InvitationView.of(invitation) for invitation in invitations.open_ones(db)]
        names = names_of(db, {invitation.invited_by for invitation in found})
    facts: dict[str, Any] = {"invitations": found, "names": names, "roles": ROLES, "proof": proof.wanted()}
    return render("people/invitations.html", may_invite=invitations_are_open(), **facts)


@bp.post("/people/invitations")
@show_again(index)
def invite() -> AnyResponse:
    """Invite somebody."""
    invited = inviting.invite(current_caller(), read_form(NewInvitation))
    flash(f"{invited.email} is invited: a mail is on its way.")
    return see_other(".index")


@bp.post("/people/invitations/<uuid:id>/resend")
def resend(id: UUID) -> AnyResponse:
    """Send one again."""
    with transaction() as db:
        invited = inviting.send_again(db, id)
    flash(f"A mail with a new link is on its way to {invited.email}.")
    return see_other(".index")


@bp.post("/people/invitations/<uuid:id>/revoke")
def revoke(id: UUID) -> AnyResponse:
    """Revoke one."""
    with transaction() as db:
        invited = inviting.revoke(db, id)
    flash(f"The invitation of {invited.email} is revoked.")
    return see_other(".index")


@bp.get("/invitation")
def acceptance_form() -> Response:
    """Ask who was invited for a password. Opening the link accepts nothing: mail programs do that by themselves."""
    return render("people/accept.html", token=request.values.get("token", ""))


@bp.post("/invitation")
@show_again(acceptance_form)
def accept() -> AnyResponse:
    """Make the account and sign in."""
    given = read_form(Acceptance)
    user, secret = inviting.accept(given.token, given.password)
    flash("You have an account now. Welcome!")
    return with_session(redirect(landing("/", user.role), 303), user, secret)
