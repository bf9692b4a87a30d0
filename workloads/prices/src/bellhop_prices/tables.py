"""Prices: games, what they cost, and who wants to be told."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    DDL,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    UniqueConstraint,
    event,
    func,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bellhop_ledger.api import Mail, Time, User, metadata_of, money_words, uuid7

PRICE = "(amount IS NULL OR amount >= 0) AND (amount IS NULL OR amount = 0 OR currency IS NOT NULL)"
CURRENCY = "currency ~ '^[A-Z]{3}$'"


class Base(DeclarativeBase):
    """What the tables of prices are made from."""

    metadata = metadata_of("prices")


class Source(Base):
    """Where games and prices come from, and how far its catalogue was read."""

    __tablename__ = "sources"

    name: Mapped[str] = mapped_column(primary_key=True)
    cursor: Mapped[str | None]
    """The place in the catalogue up to which a refresh came that has not ended."""
    started_at: Mapped[datetime | None] = mapped_column(Time)
    refreshed_at: Mapped[datetime | None] = mapped_column(Time)
    """When the last refresh that came to its end began."""
    # Until the next release, for the one before: whether the source told us to wait is in call_budgets now.
    refusals: Mapped[int] = mapped_column(server_default=text("0"))
    blocked_until: Mapped[datetime | None] = mapped_column(Time)

    __table_args__ = (
        CheckConstraint("refusals >= 0", name="refusals"),
        CheckConstraint("cursor IS NULL OR started_at IS NOT NULL", name="started_at"),
    )


class SourceCall(Base):
    """A call of the release before; those of this one are in the platform's budget_calls."""

    __tablename__ = "source_calls"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    source: Mapped[str] = mapped_column(ForeignKey(Source.name, ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(Time)

    __table_args__ = (Index("source_calls_source_at_idx", "source", "at"),)


class Game(Base):
    """A game of a source's catalogue and its last known price."""

    __tablename__ = "games"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    source: Mapped[str]
    ref: Mapped[str]
    """Its id at the source."""
    name: Mapped[str]
    search: Mapped[str]
    """What `bellhop_ledger.api.search_key` makes of the name."""
    url: Mapped[str | None]
    amount: Mapped[int | None] = mapped_column(BigInteger)
    currency: Mapped[str | None]
    checked_at: Mapped[datetime | None] = mapped_column(Time)
    """When the last answer that counted was asked for."""
    added_at: Mapped[datetime] = mapped_column(Time, server_default=func.now())

    __table_args__ = (
        UniqueConstraint("source", "ref"),
        CheckConstraint(PRICE, name="price"),
        CheckConstraint(CURRENCY, name="currency"),
        CheckConstraint("name <> ''", name="name"),
        Index("games_search_idx", "search", postgresql_using="gin", postgresql_ops={"search": "gin_trgm_ops"}),
        Index("games_prefix_idx", "search", postgresql_ops={"search": "varchar_pattern_ops"}),
    )


event.listen(Game.__table__, "before_create", DDL("CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public"))  # type: ignore[no-untyped-call]


class Price(Base):
    """What a game cost from a moment on; one row a change."""

    __tablename__ = "prices"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    game_id: Mapped[int] = mapped_column(ForeignKey(Game.id, ondelete="CASCADE"))
    seen_at: Mapped[datetime] = mapped_column(Time)
    amount: Mapped[int | None] = mapped_column(BigInteger)
    """Empty: from then on it was not for sale."""
    currency: Mapped[str | None]

    __table_args__ = (
        UniqueConstraint("game_id", "seen_at"),
        CheckConstraint(PRICE, name="price"),
        CheckConstraint(CURRENCY, name="currency"),
    )


class Watch(Base):
    """A person's wish to be told when a game costs so much or less."""

    __tablename__ = "watches"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"))
    game_id: Mapped[int] = mapped_column(ForeignKey(Game.id, ondelete="CASCADE"), index=True)
    threshold: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    armed: Mapped[bool] = mapped_column(server_default=text("true"))
    """Whether a price at the threshold or below is news: not after an alert, until it has been above."""
    created_at: Mapped[datetime] = mapped_column(Time, server_default=func.now())

    __table_args__ = (
        UniqueConstraint("user_id", "game_id"),
        CheckConstraint("threshold >= 0", name="threshold"),
        CheckConstraint(CURRENCY, name="currency"),
    )


class Alert(Base):
    """One mail that a watch brought about."""

    __tablename__ = "alerts"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"))
    game_id: Mapped[int] = mapped_column(ForeignKey(Game.id, ondelete="CASCADE"), index=True)
    mail_id: Mapped[UUID | None] = mapped_column(ForeignKey(Mail.id, ondelete="SET NULL"), index=True)
    amount: Mapped[int] = mapped_column(BigInteger)
    threshold: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(Time, server_default=func.now())

    __table_args__ = (
        CheckConstraint("amount BETWEEN 0 AND threshold", name="amount"),
        CheckConstraint(CURRENCY, name="currency"),
        Index("alerts_user_id_created_at_idx", "user_id", "created_at"),
    )


def in_words(amount: int | None, currency: str | None) -> str:
    """Write a price for people, such as 19.99 EUR; what has none is not free, only nobody knows."""
    if amount is None:
        return "no price"
    return money_words(amount, currency) if amount and currency else "free"
