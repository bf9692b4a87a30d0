"""Bearer tokens, of the system's operators and of users: stored as hashes only."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, case, func, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from bellhop_ledger.platform.database import Base, Time, enumeration, uuid7
from bellhop_ledger.platform.secrets import hash_of

FIRST = "admin"
OF_THE_SYSTEM = text("user_id IS NULL")


class Scope(StrEnum):
    """What a token may be used for."""

    READ = "read"
    WRITE = "write"
    """For everything, reading as well."""


Scopes = enumeration(Scope)


class Token(Base):
    """One token, by its SHA-256. A fast hash is right here: the secret is random, not a password."""

    __tablename__ = "tokens"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    """Whose it is; empty: the system's own, an operator's."""
    name: Mapped[str]
    hash: Mapped[str] = mapped_column(unique=True)
    scope: Mapped[Scope] = mapped_column(Scopes, server_default=Scope.WRITE.value)
    created_at: Mapped[datetime] = mapped_column(Time, server_default=func.now())
    last_used_at: Mapped[datetime | None] = mapped_column(Time)
    expires_at: Mapped[datetime | None] = mapped_column(Time)
    revoked_at: Mapped[datetime | None] = mapped_column(Time)

    __table_args__ = (
        CheckConstraint("scope IN ('read','write')", name="scope"),
        Index("tokens_name_key", "name", unique=True, postgresql_where=OF_THE_SYSTEM),
    )


def set_first(db: Session, secret: str, days: int | None = None) -> None:
    """Make this the first operator's token; the one before it is no longer valid.

    It ends so many days after it was first stored, or never. To store it again does not renew it; another one does.
    """
    new = insert(Token).values(id=uuid7(), name=FIRST, hash=hash_of(secret))
    replaced = Token.hash != new.excluded.hash
    renewed = {
        "hash": new.excluded.hash,
        "created_at": case((replaced, func.now()), else_=Token.created_at),
        "last_used_at": case((replaced, None), else_=Token.last_used_at),
        "revoked_at": case((replaced, None), else_=Token.revoked_at),
    }
    named = new.on_conflict_do_update(index_elements=["name"], index_where=OF_THE_SYSTEM, set_=renewed)
    id = db.execute(named.returning(Token.id)).scalar_one()
    ends = None if days is None else Token.created_at + timedelta(days=days)
    db.execute(update(Token).where(Token.id == id).values(expires_at=ends))
