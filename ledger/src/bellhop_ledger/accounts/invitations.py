"""Invitations: a link, sent by mail, with which somebody makes an account with a role, once and for a while."""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import CheckConstraint, func, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from bellhop.errors import Conflict, Fault, Invalid, NotFound
from bellhop_ledger.accounts.roles import Role
from bellhop_ledger.accounts.users import User
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.database import Base, Time, enumeration, uuid7
from bellhop_ledger.platform.secrets import hash_of

LIFE = timedelta(days=7)
"""How long a link is valid."""
KEPT = timedelta(days=30)
"""How long an invitation is kept after its link has expired, so that it can be sent again."""
ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('invitations', 0))")


class NoSuchInvitation(NotFound):
    """There is no invitation with this id that is open."""


class InvitationNotValid(Invalid):
    """This invitation is not valid, or not any more. Ask for another one."""

    def __init__(self) -> None:
        super().__init__(faults=[Fault("token", f"{self.__doc__}")])


class HasAccount(Conflict):
    """There is an account with this address."""

    def __init__(self) -> None:
        super().__init__(faults=[Fault("email", "is the address of an account")])


class IsInvited(Conflict):
    """There is an invitation to this address."""

    def __init__(self) -> None:
        super().__init__(faults=[Fault("email", "is invited already; send that invitation again, or revoke it")])


class Invitation(Base):
    """One invitation, by the SHA-256 of its link's secret. It goes when it is accepted or revoked."""

    __tablename__ = "invitations"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    email: Mapped[str] = mapped_column(unique=True)
    role: Mapped[Role] = mapped_column(enumeration(Role))
    hash: Mapped[str] = mapped_column(unique=True)
    invited_by: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Time, server_default=func.now())
    sent_at: Mapped[datetime] = mapped_column(Time, server_default=func.now())
    """When its latest link was made; those before it are no longer valid."""
    expires_at: Mapped[datetime] = mapped_column(Time)

    __table_args__ = (
        CheckConstraint("email = lower(email) AND email LIKE '_%@_%'", name="email"),
        CheckConstraint("role IN ('viewer','member','operator','admin')", name="role"),
    )


def invite(db: Session, email: str, role: Role, *, by: str) -> tuple[Invitation, str]:
    """Store an invitation and return it with the secret of its link. Raises HasAccount and IsInvited."""
    db.execute(ONE_AT_A_TIME)
    if _has_account(db, email):
        raise HasAccount
    if db.scalar(select(Invitation.id).where(Invitation.email == email)):
        raise IsInvited
    invitation, secret = Invitation(email=email, role=role, invited_by=by), _new_link()
    _put_link(invitation, secret)
    db.add(invitation)
    db.flush()
    return invitation, secret


def renew(db: Session, id: UUID) -> tuple[Invitation, str]:
    """Return an invitation with the secret of a new link; the one before ends. Raises NoSuchInvitation, HasAccount."""
    invitation, secret = find(db, id, lock=True), _new_link()
    if _has_account(db, invitation.email):
        raise HasAccount
    _put_link(invitation, secret)
    db.flush()
    return invitation, secret


def revoke(db: Session, id: UUID) -> Invitation:
    """Delete an invitation, and with it its link. Raises NoSuchInvitation."""
    invitation = find(db, id, lock=True)
    db.delete(invitation)
    db.flush()
    return invitation


def find(db: Session, id: UUID, *, lock: bool = False) -> Invitation:
    """Return an open invitation, whose link may have expired. Raises NoSuchInvitation."""
    found = db.get(Invitation, id, with_for_update=lock or None, populate_existing=True)
    if found is None:
        raise NoSuchInvitation
    return found


def open_ones(db: Session) -> Sequence[Invitation]:
    """Return the open invitations, newest first."""
    return db.scalars(select(Invitation).order_by(Invitation.id.desc())).all()


def find_by_link(db: Session, secret: str, *, lock: bool = False) -> Invitation:
    """Return the invitation whose link it is. Raises InvitationNotValid."""
    wanted = select(Invitation).where(Invitation.hash == hash_of(secret), Invitation.expires_at > clock.now())
    found = db.scalar(wanted.with_for_update() if lock else wanted)
    if found is None or _has_account(db, found.email):
        raise InvitationNotValid
    return found


def find_by_address(db: Session, email: str) -> Invitation | None:
    """Return the invitation of an address whose link is valid, and lock it."""
    wanted = select(Invitation).where(Invitation.email == email, Invitation.expires_at > clock.now())
    return db.scalar(wanted.with_for_update())


def accept(db: Session, secret: str, password_hash: str) -> tuple[User, Invitation]:
    """Make the account of an invitation, which is used up. Raises InvitationNotValid.

    Whoever has signed up with the address and never confirmed it may be a stranger: their password is replaced.
    """
    invitation = find_by_link(db, secret, lock=True)
    new = insert(User).values(id=uuid7(), email=invitation.email, password_hash=password_hash)
    db.execute(new.on_conflict_do_nothing())
    user = db.scalars(select(User).where(User.email == invitation.email).with_for_update()).one()
    if user.activated_at or user.disabled_at:
        raise InvitationNotValid
    user.password_hash, user.role, user.activated_at = password_hash, invitation.role, clock.now()
    db.delete(invitation)
    db.flush()
    return user, invitation


def _has_account(db: Session, email: str) -> bool:
    """Whether somebody has shown that the address is theirs, or was disabled."""
    taken = or_(User.activated_at.is_not(None), User.disabled_at.is_not(None))
    return db.scalar(select(User.id).where(User.email == email, taken)) is not None


def _new_link() -> str:
    return secrets.token_urlsafe(32)


def _put_link(invitation: Invitation, secret: str) -> None:
    invitation.hash, invitation.sent_at = hash_of(secret), clock.now()
    invitation.expires_at = invitation.sent_at + LIFE
