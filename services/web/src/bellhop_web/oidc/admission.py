"""Admission: into which account somebody comes whom the issuer has named, and with which role.

An account is found by issuer and subject alone. An address makes no link, unless OIDC_LINK_BY_ADDRESS allows it:
whoever may write addresses at the issuer could come into anybody's account. An invitation is accepted by the address
that it was sent to, if the issuer calls that confirmed; its link need not be opened.
"""

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bellhop_ledger.accounts import identities, invitations, people
from bellhop_ledger.accounts.identities import Identity
from bellhop_ledger.accounts.invitations import Invitation
from bellhop_ledger.accounts.roles import Role
from bellhop_ledger.accounts.tokens import Token
from bellhop_ledger.accounts.users import SignIn, User
from bellhop_ledger.audit import Action as Audited
from bellhop_ledger.mail import send_mail
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.database import transaction, uuid7
from bellhop_web.accounts.sessions import open_session
from bellhop_web.auth.acts import note_by
from bellhop_web.auth.opening import invitations_are_open, strangers_may_come
from bellhop_web.oidc import letters
from bellhop_web.oidc.claims import Claims
from bellhop_web.oidc.refusals import (
    AccountDisabled,
    AddressNotConfirmed,
    AddressTaken,
    NoAccount,
    NoAddress,
    NoGroup,
    SomebodyElse,
)
from bellhop_web.oidc_settings import Oidc


def admit(oidc: Oidc, claims: Claims, only: str = "") -> tuple[User, str]:
    """Sign somebody in and return their account with the secret of the session; who is new gets an account.

    With `only` into the account of this id. Raises SomebodyElse, NoGroup, NoAccount, NoAddress, AddressNotConfirmed,
    AddressTaken, AccountDisabled and LastAdmin.
    """
    role = oidc.role_of(claims.groups)
    if oidc.roles and not (role or oidc.default_role):
        _shut_out(claims)
        raise NoGroup
    with transaction() as db:
        identity = identities.find(db, claims.issuer, claims.subject)
        if only and (identity is None or str(identity.user_id) != only):
            raise SomebodyElse
        identity = identity or _first_time(db, oidc, claims, role)
        user = db.get_one(User, identity.user_id, with_for_update={"key_share": True})
        if user.disabled_at:
            raise AccountDisabled
        _set_role(db, user, (role or oidc.default_role) if oidc.roles else None)
        identity.name, identity.last_used_at = claims.name, clock.now()
        note_by(db, f"user:{user.id}", Audited.SESSION_BEGAN, "user", user.id, details={"issuer": claims.issuer})
        return user, open_session(db, user, identity, proved_at=claims.authenticated_at)


def _shut_out(claims: Claims) -> None:
    """End the sessions that somebody has begun in this way: they are in no group any more."""
    with transaction() as db:
        if identity := identities.find(db, claims.issuer, claims.subject):
            db.execute(delete(SignIn).where(SignIn.identity_id == identity.id))


def _first_time(db: Session, oidc: Oidc, claims: Claims, role: Role | None) -> Identity:
    """Link somebody to an account: a new one, or that of their address where OIDC_LINK_BY_ADDRESS allows it."""
    if claims.email is None:
        raise NoAddress
    if claims.email_confirmed is False:
        raise AddressNotConfirmed
    invitation = _invitation(db, claims)  # before the account, in the order in which `invitations.accept` locks
    offered = invitation.role if invitation else oidc.default_role if strangers_may_come() else None
    given = role or offered
    user = db.scalar(select(User).where(User.email == claims.email).with_for_update(key_share=True))
    if user is None:
        user = _new_account(db, claims.email, given, invitation)
    elif user.disabled_at:
        raise AccountDisabled
    elif not claims.email_confirmed:
        raise AddressTaken
    elif user.activated_at is None:
        _take_over(db, user, given, invitation)
    elif not oidc.links_by_address or identities.identities_of(db, user.id):
        raise AddressTaken
    return link(db, user, Identity(issuer=claims.issuer, subject=claims.subject, name=claims.name))


def _invitation(db: Session, claims: Claims) -> Invitation | None:
    """Return the invitation of somebody whose address the issuer calls confirmed."""
    if not (invitations_are_open() and claims.email and claims.email_confirmed):
        return None
    return invitations.find_by_address(db, claims.email)


def _new_account(db: Session, email: str, role: Role | None, invitation: Invitation | None) -> User:
    """Make an account without a password. Raises NoAccount, and AddressTaken where somebody is a moment faster."""
    if role is None:
        raise NoAccount
    new = insert(User).values(id=uuid7(), email=email, activated_at=clock.now())
    user: User | None = db.scalar(new.on_conflict_do_nothing().returning(User))
    if user is None:
        raise AddressTaken
    user.role = role
    _note_arrival(db, user, Audited.USER_SIGNED_UP, invitation)
    return user


def _take_over(db: Session, user: User, role: Role | None, invitation: Invitation | None) -> None:
    """Make an account that nobody has confirmed theirs whose address it has. Raises NoAccount.

    A stranger may have made it, so its password goes.
    """
    if role is None:
        raise NoAccount
    user.password_hash, user.activated_at, user.role = None, clock.now(), role
    db.execute(delete(SignIn).where(SignIn.user_id == user.id))
    db.execute(delete(Token).where(Token.user_id == user.id))
    _note_arrival(db, user, Audited.USER_CONFIRMED, invitation)


def _note_arrival(db: Session, user: User, action: Audited, invitation: Invitation | None) -> None:
    """Note that somebody has an account now, and use up the invitation by which they came."""
    facts = {"role": str(user.role)}
    if invitation is not None:
        action, facts = Audited.USER_JOINED, facts | {"invitation": str(invitation.id)}
        db.delete(invitation)
    note_by(db, f"user:{user.id}", action, "user", user.id, details=facts)


def link(db: Session, user: User, identity: Identity) -> Identity:
    """Let an identity into an account, and notify its owner where there was another way in before."""
    identity.user_id = user.id
    db.add(identity)
    db.flush()
    facts = {"issuer": identity.issuer, "subject": identity.subject}
    note_by(db, f"user:{user.id}", Audited.IDENTITY_LINKED, "identity", identity.id, details=facts)
    if user.password_hash:
        send_mail(db, user.email, letters.linked(identity))
    return identity


def _set_role(db: Session, user: User, role: Role | None) -> None:
    """Store the role that the groups of somebody have. Raises LastAdmin."""
    if role is None or role is user.role:
        return
    before = user.role
    people.change_role(db, user, role)
    facts = {"before": before, "role": role, "sees_payloads": user.sees_payloads, "by": "groups"}
    note_by(db, f"user:{user.id}", Audited.USER_CHANGED, "user", user.id, details=facts)
