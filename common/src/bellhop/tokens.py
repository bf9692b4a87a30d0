"""Bearer tokens of operators: stored as hashes only."""

import hashlib
from datetime import datetime
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from bellhop.clock import uuid7
from bellhop.database import Base
from bellhop.jobs import Time

FIRST = "admin"


class Token(Base):
    """One token, by its SHA-256. A fast hash is right here: the secret is random, not a password."""

    __tablename__ = "tokens"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    name: Mapped[str] = mapped_column(unique=True)
    hash: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime] = mapped_column(Time, server_default=func.now())
    revoked_at: Mapped[datetime | None] = mapped_column(Time)


def hash_of(secret: str) -> str:
    """Give the hash under which a token is stored."""
    return hashlib.sha256(secret.encode()).hexdigest()


def set_first(db: Session, secret: str) -> None:
    """Make this the first operator's token; the one before it is no longer valid."""
    first = insert(Token).values(id=uuid7(), name=FIRST, hash=hash_of(secret))
    db.execute(first.on_conflict_do_update(index_elements=["name"], set_={"hash": first.excluded.hash}))
