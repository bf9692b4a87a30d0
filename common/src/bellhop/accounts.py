"""Accounts: users, and the sessions in which their browsers are signed in."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, Enum, ForeignKey, func
from sqlalchemy.orm import Mapped, mapped_column

from bellhop.clock import uuid7
from bellhop.database import Base
from bellhop.jobs import Time


class Role(StrEnum):
    """What a user may do."""

    USER = "user"
    """Looks after things of their own."""
    OPERATOR = "operator"
    """Runs this system: sees and stops every job."""


Roles = Enum(Role, native_enum=False, create_constraint=False, values_callable=lambda roles: [r.value for r in roles])


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
