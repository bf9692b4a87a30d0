"""People: whether they come in and what they may do. The last admin stays one and stays in."""

from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bellhop.errors import Conflict, NotFound
from bellhop_ledger.accounts.roles import Role
from bellhop_ledger.accounts.system_tokens import ADMINS, ONE_AT_A_TIME
from bellhop_ledger.accounts.tokens import Token
from bellhop_ledger.accounts.users import SignIn, User
from bellhop_ledger.platform import clock


class NoSuchPerson(NotFound):
    """There is no account with this id."""


class LastAdmin(Conflict):
    """This is the last admin: make somebody else one first."""


class AddressTaken(Conflict):
    """Another account has this address."""


def find(db: Session, id: UUID, *, lock: bool = False) -> User:
    """Return the account with this id, locked for a change if `lock` is set. Raises NoSuchPerson."""
    user = db.get(User, id, with_for_update={"key_share": True} if lock else None, populate_existing=True)
    if user is None or user.deleted_at:
        raise NoSuchPerson
    return user


def change_role(db: Session, user: User, role: Role, sees_payloads: bool | None = None) -> None:
    """Store what somebody may do; None leaves their right to see payloads as it is. Raises LastAdmin."""
    was_admin = is_admin(user)
    user.role = role
    user.sees_payloads = user.sees_payloads if sees_payloads is None else sees_payloads
    db.flush()
    if was_admin:
        require_admin(db)


def disable(db: Session, user: User) -> None:
    """Keep somebody out, and end their sessions and tokens. Their jobs and schedules go on. Raises LastAdmin."""
    was_admin = is_admin(user)
    user.disabled_at = user.disabled_at or clock.now()
    end_access(db, user)
    if was_admin:
        require_admin(db)


def enable(db: Session, user: User) -> None:
    """Let somebody in again, who signs in anew: what was ended stays ended."""
    user.disabled_at = None
    db.flush()


def change_address(db: Session, user: User, email: str) -> None:
    """Store the address of somebody who has shown that it is theirs. Raises AddressTaken.

    Whoever has signed up with it and never confirmed it gives way.
    """
    db.execute(ONE_AT_A_TIME)
    db.execute(delete(User).where(User.email == email, User.activated_at.is_(None), User.disabled_at.is_(None)))
    if db.scalar(select(User.id).where(User.email == email)):
        raise AddressTaken
    user.email = email
    db.flush()


def end_access(db: Session, user: User) -> None:
    """End the sessions of somebody at once, and their tokens within seconds."""
    db.execute(delete(SignIn).where(SignIn.user_id == user.id))
    unended = Token.user_id == user.id, Token.revoked_at.is_(None)
    db.execute(update(Token).where(*unended).values(revoked_at=clock.now()))
    db.flush()


def is_admin(user: User) -> bool:
    """Whether somebody comes in as an admin."""
    return user.role is Role.ADMIN and user.activated_at is not None and user.disabled_at is None


def require_admin(db: Session) -> None:
    """Raise LastAdmin where after this transaction nobody comes in as an admin. Two at once wait for one another."""
    db.flush()
    db.execute(ONE_AT_A_TIME)
    if not db.scalar(ADMINS.limit(1)):
        raise LastAdmin
