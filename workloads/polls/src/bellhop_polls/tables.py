"""Polls: questions that people vote on until a date, at which they close themselves."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    UniqueConstraint,
    and_,
    func,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bellhop_ledger.api import Time, User, metadata_of, uuid7

LONGEST_TITLE, LONGEST_NAME = 200, 100
FEWEST_OPTIONS, MOST_OPTIONS = 2, 20
LIST_TOPIC = "polls"
"""What those listen to who look at the list."""


class Base(DeclarativeBase):
    """What the tables of polls are made from."""

    metadata = metadata_of("polls")


class Poll(Base):
    """One question. It is open until its date, or until somebody closes it before."""

    __tablename__ = "polls"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    title: Mapped[str]
    owner_id: Mapped[UUID] = mapped_column(ForeignKey(User.id))
    votes_may_change: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(Time, server_default=func.now())
    closes_at: Mapped[datetime] = mapped_column(Time)
    """Decides by itself, at the moment of each vote, however late the closing job is."""
    closed_at: Mapped[datetime | None] = mapped_column(Time)
    closing_job_id: Mapped[UUID]
    """No foreign key: the job is deleted when its retention is over, and the poll stays."""

    @classmethod
    def is_open(cls) -> ColumnElement[bool]:
        """Whether votes are taken, by the clock of the database at the moment of asking."""
        return and_(cls.closed_at.is_(None), cls.closes_at > func.clock_timestamp())

    __table_args__ = (
        CheckConstraint(f"char_length(title) BETWEEN 1 AND {LONGEST_TITLE}", name="title"),
        CheckConstraint("closes_at > created_at", name="closes_at"),
        CheckConstraint("closed_at <= closes_at", name="closed_at"),
        Index("polls_open_idx", "id", postgresql_where=text("closed_at IS NULL")),
    )


class PollOption(Base):
    """One of the answers to choose from."""

    __tablename__ = "poll_options"

    poll_id: Mapped[UUID] = mapped_column(ForeignKey(Poll.id), primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    name: Mapped[str] = mapped_column()

    __table_args__ = (
        CheckConstraint(f"number BETWEEN 1 AND {MOST_OPTIONS}", name="number"),
        CheckConstraint(f"char_length(name) BETWEEN 1 AND {LONGEST_NAME}", name="name"),
        UniqueConstraint("poll_id", "name"),
        Index(
            "poll_options_name_idx",
            func.lower(name).label("lower_name"),
            postgresql_ops={"lower_name": "text_pattern_ops"},
        ),
    )


class Vote(Base):
    """What one person chose in one poll. Votes are counted when they are read, so no count can be wrong."""

    __tablename__ = "votes"

    poll_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id), primary_key=True)
    option: Mapped[int] = mapped_column(SmallInteger)
    voted_at: Mapped[datetime] = mapped_column(Time, server_default=func.now())

    __table_args__ = (
        ForeignKeyConstraint(["poll_id", "option"], [PollOption.poll_id, PollOption.number]),
        Index("votes_option_idx", "poll_id", "option"),
    )


def topics_of(poll_id: UUID) -> list[str]:
    """Return the topics of live views that a change of this poll concerns."""
    return [f"poll:{poll_id}", LIST_TOPIC]
