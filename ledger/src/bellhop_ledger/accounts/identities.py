"""Identities: who somebody is at an issuer of OpenID Connect, and the account into which that lets them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from bellhop.errors import NotFound
from bellhop_ledger.platform.database import Base, Time, uuid7


class NoSuchIdentity(NotFound):
    """There is no sign-in of yours with this id."""


class Identity(Base):
    """A person at an issuer. Issuer and subject name them for good (OpenID Connect Core, 5.7); an address does not."""

    __tablename__ = "identities"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    issuer: Mapped[str]
    subject: Mapped[str]
    name: Mapped[str]
    """How the issuer called them at the latest sign-in, for people to read."""
    created_at: Mapped[datetime] = mapped_column(Time, server_default=func.now())
    last_used_at: Mapped[datetime | None] = mapped_column(Time)

    __table_args__ = (UniqueConstraint("issuer", "subject"),)


LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:issuer || ' ' || :subject, 0))")


def find(db: Session, issuer: str, subject: str) -> Identity | None:
    """Return who this is, None for somebody new; a second sign-in of the same person waits for this transaction."""
    db.execute(LOCK, {"issuer": issuer, "subject": subject})
    return db.scalar(select(Identity).where(Identity.issuer == issuer, Identity.subject == subject))


def identities_of(db: Session, user_id: UUID) -> Sequence[Identity]:
    """Return the identities that let people into an account, oldest first."""
    mine = select(Identity).where(Identity.user_id == user_id)
    return db.scalars(mine.order_by(Identity.created_at, Identity.id)).all()
