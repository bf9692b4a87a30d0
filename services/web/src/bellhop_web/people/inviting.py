"""Inviting: a mail with a link, which makes an account with a role for whoever opens it and chooses a password.

Where there is an issuer, who signs in there with the address that was invited needs no password: see oidc/admission.py.
"""

from uuid import UUID

from sqlalchemy.orm import Session

from bellhop_ledger.accounts import invitations
from bellhop_ledger.accounts.invitations import Invitation
from bellhop_ledger.accounts.passwords import hash_password
from bellhop_ledger.accounts.users import User
from bellhop_ledger.audit import Action as Audited
from bellhop_ledger.mail import send_mail
from bellhop_ledger.platform.database import transaction
from bellhop_web.accounts import letters
from bellhop_web.accounts.proof import prove_browser
from bellhop_web.accounts.sessions import open_session
from bellhop_web.accounts.signing import refuse_guessable
from bellhop_web.auth.acts import note, note_by
from bellhop_web.auth.callers import Caller
from bellhop_web.auth.opening import require_invitations, require_local_sign_in
from bellhop_web.people.invitations import InvitationView, NewInvitation


def invite(caller: Caller, wanted: NewInvitation) -> InvitationView:
    """Invite somebody by mail. Raises InvitationsAreOff, NotYourPassword, TooOften, HasAccount and IsInvited.

    The password is checked outside of any transaction, so this opens its own.
    """
    require_invitations()
    prove_browser(caller, wanted.password)
    with transaction() as db:
        invitation, secret = invitations.invite(db, wanted.email, wanted.role, by=caller.name)
        note(db, Audited.USER_INVITED, "invitation", invitation.id, role=invitation.role)
        return _sent(db, invitation, secret)


def send_again(db: Session, id: UUID) -> InvitationView:
    """Send an invitation again, with a new link. Raises InvitationsAreOff, NoSuchInvitation and HasAccount."""
    require_invitations()
    invitation, secret = invitations.renew(db, id)
    note(db, Audited.INVITATION_SENT, "invitation", id)
    return _sent(db, invitation, secret)


def revoke(db: Session, id: UUID) -> Invitation:
    """Revoke an invitation. Raises NoSuchInvitation."""
    invitation = invitations.revoke(db, id)
    note(db, Audited.INVITATION_REVOKED, "invitation", id)
    return invitation


def accept(token: str, password: str) -> tuple[User, str]:
    """Make the account of an invitation and sign in; return the account and the secret of its session.

    Raises LocalSignInIsOff, InvitationsAreOff, InvitationNotValid and UnfitPassword. The hash takes a while, so this
    opens its own transactions.
    """
    require_local_sign_in()
    require_invitations()
    with transaction() as db:
        seen = invitations.find_by_link(db, token)
    refuse_guessable(password, seen.email, "password")
    hashed = hash_password(password)
    with transaction() as db:
        user, invitation = invitations.accept(db, token, hashed)
        facts = {"invitation": str(invitation.id), "role": user.role}
        note_by(db, f"user:{user.id}", Audited.USER_JOINED, "user", user.id, details=facts)
        return user, open_session(db, user)


def _sent(db: Session, invitation: Invitation, secret: str) -> InvitationView:
    send_mail(db, invitation.email, letters.invitation(invitation, secret))
    return InvitationView.of(invitation)
