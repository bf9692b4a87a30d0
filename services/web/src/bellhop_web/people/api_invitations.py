"""Routes of /api/invitations: inviting people, and accepting an invitation."""

from flask import Response

from bellhop_ledger.accounts import invitations
from bellhop_ledger.platform.database import transaction
from bellhop_web.accounts.api import signed_in
from bellhop_web.accounts.requests import SignedInView
from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import current_caller
from bellhop_web.http.answers import respond
from bellhop_web.openapi.library import answers, blueprint
from bellhop_web.people import inviting
from bellhop_web.people.invitations import Acceptance, InvitationPath, InvitationsView, InvitationView, NewInvitation

bp = blueprint("invitations", "/api/invitations", tag="people", access=Access.ADMIN, public=("accept_invitation",))


@bp.get("", responses=answers(200, InvitationsView))
def list_invitations() -> Response:
    """List the invitations that are open, newest first, also those whose link has expired."""
    with transaction() as db:
        found = [InvitationView.of(invitation) for invitation in invitations.open_ones(db)]
    return respond(InvitationsView(invitations=found))


@bp.post("", responses=answers(201, InvitationView, 400, 409, 413, 415, 429))
def invite_person(body: NewInvitation) -> Response:
    """Invite somebody by mail.

    The link in it makes an account with this role, once and within seven days; whoever opens it chooses the password.
    Where there is an issuer, whoever signs in there with this address, which it must call confirmed, gets the account.
    Where `SIGN_UP` is `off`, as in production unless it is set, the answer is 403. An address that has an account or an
    invitation is a conflict.
    """
    return respond(inviting.invite(current_caller(), body), 201)


@bp.post("/accept", responses=answers(200, SignedInView, 400, 413, 415))
def accept_invitation(body: Acceptance) -> Response:
    """Make an account with the link of an invitation and a password, and sign in."""
    return signed_in(*inviting.accept(body.token, body.password))


@bp.post("/<id:invitation_id>/resend", responses=answers(200, InvitationView, 404, 409))
def resend_invitation(path: InvitationPath) -> Response:
    """Send an invitation again, with a new link for seven days. The links before it end."""
    with transaction() as db:
        found = inviting.send_again(db, path.invitation_id)
    return respond(found)


@bp.delete("/<id:invitation_id>", responses=answers(204, None, 404))
def revoke_invitation(path: InvitationPath) -> Response:
    """Revoke an invitation: its link ends at once."""
    with transaction() as db:
        inviting.revoke(db, path.invitation_id)
    return Response(status=204)
