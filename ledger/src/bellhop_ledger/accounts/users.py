"""Accounts: users, and the sessions in which their browsers are signed in."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, String, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from bellhop_ledger.accounts.roles import INCLUDED, Role
from bellhop_ledger.accounts.tokens import Token
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.database import Base, Time, enumeration, uuid7


class User(Base):
    """A person. The address is stored in lower case, so that each belongs to one account."""

    __tablename__ = "users"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    email: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str | None]
    """Empty: the account has no password, and its owner comes in by an issuer of OpenID Connect."""
    former_role: Mapped[str] = mapped_column("role", String(8), server_default="user")
    """The same as `user` or `operator`, for the release before; a trigger keeps the two together."""
    created_at: Mapped[datetime] = mapped_column(Time, server_default=func.now())
    activated_at: Mapped[datetime | None] = mapped_column(Time)
    """When the person showed that the address is theirs; before it nobody signs in."""
    disabled_at: Mapped[datetime | None] = mapped_column(Time)
    role: Mapped[Role] = mapped_column("granted_role", enumeration(Role), default=Role.MEMBER)
    sees_payloads: Mapped[bool] = mapped_column(server_default=text("true"))
    """Whether they see arguments, results, errors and logs of jobs that others have asked for."""
    deleted_at: Mapped[datetime | None] = mapped_column(Time)
    """Since when the row names nobody; see `erasure.py`."""

    __table_args__ = (
        CheckConstraint("email = lower(email) AND email LIKE '_%@_%'", name="email"),
        CheckConstraint("role IN ('user','operator')", name="role"),
        CheckConstraint("deleted_at IS NULL OR disabled_at IS NOT NULL", name="deleted_at"),
        CheckConstraint("granted_role IN ('viewer','member','operator','admin')", name="granted_role"),
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
    identity_id: Mapped[UUID | None] = mapped_column(ForeignKey("identities.id", ondelete="CASCADE"), index=True)
    """The identity by which it began; empty: by a password."""
    proved_at: Mapped[datetime | None] = mapped_column(Time)
    """When its issuer last made sure who they are; empty: it does not say."""

    __table_args__ = (CheckConstraint("expires_at > created_at", name="expires_at"),)


def set_first_admin(db: Session, email: str, password_hash: str) -> None:
    """Make this person an admin. Who is one already, or an operator, keeps their password.

    Whoever else has signed up with the address may be a stranger: the password is replaced, and
    their sessions and tokens end.
    """
    db.execute(insert(User).values(id=uuid7(), email=email, password_hash=password_hash).on_conflict_do_nothing())
    user = db.scalars(select(User).where(User.email == email).with_for_update()).one()
    trusted = user.activated_at is not None and Role.OPERATOR in INCLUDED[user.role]
    user.role = Role.ADMIN
    if trusted:
        return
    user.password_hash, user.activated_at = password_hash, user.activated_at or clock.now()
    db.execute(delete(SignIn).where(SignIn.user_id == user.id))
    db.execute(delete(Token).where(Token.user_id == user.id))


UNCONFIRMED = timedelta(days=7)
"""How long an account waits for its address to be confirmed."""
