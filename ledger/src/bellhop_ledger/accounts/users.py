"""Accounts: users, and the sessions in which their browsers are signed in."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from bellhop_ledger.accounts.tokens import Token
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.database import Base, Time, enumeration, uuid7


class Role(StrEnum):
    """What a user may do."""

    USER = "user"
    """Looks after things of their own."""
    OPERATOR = "operator"
    """Runs this system: sees and stops every job."""


Roles = enumeration(Role)


class User(Base):
    """A person. The address is stored in lower case, so that each belongs to one account."""

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    email: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    role: Mapped[Role] = mapped_column(Roles, server_default=Role.USER.value)
    created_at: Mapped[datetime] = mapped_column(Time, server_default=func.now())
    activated_at: Mapped[datetime | None] = mapped_column(Time)
    """When the person showed that the address is theirs; before it nobody signs in."""
    disabled_at: Mapped[datetime | None] = mapped_column(Time)

    __table_args__ = (
        CheckConstraint("email = lower(email) AND email LIKE '_%@_%'", name="email"),
        CheckConstraint("role IN ('user','operator')", name="role"),
    )


class SignIn(Base):
    """One browser that is signed in, by the SHA-256 of what its cookie holds."""

    __tablename__ = "sessions"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(Time, server_default=func.now())
    last_seen_at: Mapped[datetime] = mapped_column(Time, server_default=func.now())
    expires_at: Mapped[datetime] = mapped_column(Time, index=True)
    agent: Mapped[str]
    """What the browser calls itself, for the person who looks at the list of sessions."""

    __table_args__ = (CheckConstraint("expires_at > created_at", name="expires_at"),)


def set_first_operator(db: Session, email: str, password_hash: str) -> None:
    """Make this person an operator. Who is one already keeps their password.

    Whoever else has signed up with the address may be a stranger: the password is replaced, and
    their sessions and tokens end.
    """
    db.execute(insert(User).values(id=uuid7(), email=email, password_hash=password_hash).on_conflict_do_nothing())
    user = db.scalars(select(User).where(User.email == email).with_for_update()).one()
    if user.role is Role.OPERATOR and user.activated_at:
        return
    user.password_hash, user.role = password_hash, Role.OPERATOR
    user.activated_at = user.activated_at or clock.now()
    db.execute(delete(SignIn).where(SignIn.user_id == user.id))
    db.execute(delete(Token).where(Token.user_id == user.id))


UNCONFIRMED = timedelta(days=7)
"""How long an account waits for its address to be confirmed."""
