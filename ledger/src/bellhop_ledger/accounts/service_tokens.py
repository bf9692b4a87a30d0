"""Service tokens: what applications submit with. Each may do what its patterns say, and has one secret or two."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, String, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from bellhop.errors import Conflict, Fault, NotFound
from bellhop_ledger.accounts.grants import Grant
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.database import Base, Time, uuid7
from bellhop_ledger.platform.secrets import hash_of

PREFIX = "bhs_"
"""By which a secret is known for what it is where it should not be."""
SHOWN = 10
"""Characters of a secret that are shown: enough to tell two from one another."""


class NoSuchServiceToken(NotFound):
    """There is no service token with this id."""


class ServiceNameTaken(Conflict):
    """There is a service token with this name."""

    def __init__(self) -> None:
        super().__init__(faults=[Fault("name", "is the name of another service token")])


class ServiceSecret(Base):
    """One secret of a service token, by its SHA-256."""

    __tablename__ = "service_secrets"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    token_id: Mapped[UUID] = mapped_column(ForeignKey("service_tokens.id", ondelete="CASCADE"), index=True)
    hash: Mapped[str] = mapped_column(unique=True)
    prefix: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Time, server_default=func.now())
    last_used_at: Mapped[datetime | None] = mapped_column(Time)
    valid_until: Mapped[datetime | None] = mapped_column(Time)
    """When it ends because another one has taken its place; empty: with its token."""


class ServiceToken(Base):
    """A service token. It stays when it has ended, so that what it did has a name."""

    __tablename__ = "service_tokens"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    name: Mapped[str]
    tasks: Mapped[list[str]] = mapped_column(ARRAY(String))
    queues: Mapped[list[str]] = mapped_column(ARRAY(String))
    schedules: Mapped[list[str]] = mapped_column(ARRAY(String))
    created_at: Mapped[datetime] = mapped_column(Time, server_default=func.now())
    created_by: Mapped[str]
    expires_at: Mapped[datetime | None] = mapped_column(Time)
    revoked_at: Mapped[datetime | None] = mapped_column(Time)
    secrets: Mapped[list[ServiceSecret]] = relationship(
        order_by=ServiceSecret.created_at.desc(), lazy="selectin", passive_deletes=True
    )

    __table_args__ = (
        CheckConstraint("length(name) BETWEEN 1 AND 100", name="name"),
        Index("service_tokens_name_key", "name", unique=True, postgresql_where=text("revoked_at IS NULL")),
    )


@dataclass(frozen=True)
class NewService:
    """A service token that is wanted."""

    name: str
    grant: Grant
    expires_at: datetime | None


def create(db: Session, new: NewService, *, by: str) -> tuple[ServiceToken, str]:
    """Store a service token and return it with its secret, which nobody can look up again. Raises ServiceNameTaken."""
    db.execute(ONE_AT_A_TIME)
    if db.scalar(select(ServiceToken.id).where(ServiceToken.name == new.name, ServiceToken.revoked_at.is_(None))):
        raise ServiceNameTaken
    grant = {field: list(getattr(new.grant, field)) for field in ("tasks", "queues", "schedules")}
    token = ServiceToken(name=new.name, created_by=by, expires_at=new.expires_at, **grant)
    db.add(token)
    db.flush()
    return token, _with_secret(db, token)


def rotate(
    db: Session, id: UUID, *, old_until: datetime, expires_at: datetime | None = None
) -> tuple[ServiceToken, str]:
    """Rotate the secret of a service token, and return both; the secret before it is valid until then.

    Those before that one end at once. With `expires_at` the token itself ends then. Raises NoSuchServiceToken.
    """
    token = find(db, id, lock=True)
    newest, now = token.secrets[0].id, clock.now()
    for secret in token.secrets:
        ends = old_until if secret.id == newest else now
        secret.valid_until = min(secret.valid_until or ends, ends)
    token.expires_at = expires_at or token.expires_at
    return token, _with_secret(db, token)


def change(db: Session, id: UUID, patterns: Mapping[str, Sequence[str]]) -> tuple[ServiceToken, dict[str, list[str]]]:
    """Replace patterns of a service token, by field, and return it with those that it had where they differ.

    What it has submitted stays its own. Raises NoSuchServiceToken.
    """
    token = find(db, id, lock=True)
    before = {field: getattr(token, field) for field, wanted in patterns.items() if getattr(token, field) != wanted}
    for field in before:
        setattr(token, field, list(patterns[field]))
    return token, before


def revoke(db: Session, id: UUID) -> ServiceToken:
    """End a service token with all its secrets, within seconds. Raises NoSuchServiceToken."""
    token = find(db, id, lock=True)
    token.revoked_at = clock.now()
    return token


def find(db: Session, id: UUID, *, lock: bool = False) -> ServiceToken:
    """Return a service token that is not revoked. Raises NoSuchServiceToken."""
    found = db.get(ServiceToken, id, with_for_update=lock or None, populate_existing=True)
    if found is None or found.revoked_at:
        raise NoSuchServiceToken
    return found


def unrevoked(db: Session) -> Sequence[ServiceToken]:
    """Return the service tokens that are not revoked, by name; also those that have expired, which can be renewed."""
    return db.scalars(select(ServiceToken).where(ServiceToken.revoked_at.is_(None)).order_by(ServiceToken.name)).all()


def is_valid(secret: ServiceSecret) -> bool:
    """Whether a secret has not been replaced; its token may have ended."""
    return secret.valid_until is None or secret.valid_until > clock.now()


ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('service tokens', 0))")


def _with_secret(db: Session, token: ServiceToken) -> str:
    secret = PREFIX + secrets.token_urlsafe(32)
    db.add(ServiceSecret(token_id=token.id, hash=hash_of(secret), prefix=secret[:SHOWN]))
    db.flush()
    db.refresh(token)
    return secret
