"""How polls read: options with their votes, and how long there is left."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import Row, Select, and_, func, null, select
from sqlalchemy.orm import Session

from bellhop_polls.tables import Poll, PollOption, Vote
from bellhop_polls.web.actions import NoSuchPoll, may_edit
from bellhop_web.plugin import Caller, Utc


class PollState(StrEnum):
    """Whether votes are taken."""

    OPEN = "open"
    CLOSED = "closed"


class OptionView(BaseModel):
    """One answer and how many chose it."""

    number: int = Field(description="What a vote names it by")
    name: str
    votes: int
    share: float = Field(description="Of all votes, 0 to 1; 0 while there are none")


class PollView(BaseModel):
    """A poll with its votes. Its times are in UTC."""

    id: UUID
    title: str
    state: PollState = Field(description="`open` until `closes_at`, or until it is closed before")
    options: list[OptionView]
    votes: int = Field(description="How many people have voted")
    votes_may_change: bool = Field(description="Whether people may change their minds")
    created_at: Utc
    closes_at: Utc = Field(description="Until when votes are taken, unless it is closed before")
    closed_at: Utc | None = Field(description="When it was closed; null while it is open")
    seconds_left: float = Field(description="Until `closes_at`, by the server's clock; 0 when it is closed")
    your_vote: int | None = Field(description="The number of the option that you chose; null without one")
    may_edit: bool = Field(description="Whether you may move its closing date, or close it")


def show(db: Session, poll_id: UUID, caller: Caller | None) -> PollView:
    """Show one poll. Raises NoSuchPoll."""
    row = db.execute(polls_for(caller).where(Poll.id == poll_id)).one_or_none()
    if row is None:
        raise NoSuchPoll
    return show_all(db, [row], caller)[0]


def polls_for(caller: Caller | None) -> Select[Any]:
    """Select polls, and with each whether it is open, its seconds left, and the caller's vote."""
    left = func.extract("epoch", Poll.closes_at - func.clock_timestamp())
    facts = select(Poll, Poll.is_open().label("open"), left.label("left"))
    if caller is None or caller.user_id is None:
        return facts.add_columns(null().label("choice"))
    own = and_(Vote.poll_id == Poll.id, Vote.user_id == caller.user_id)
    return facts.add_columns(Vote.option.label("choice")).outerjoin(Vote, own)


def show_all(db: Session, rows: Sequence[Row[Any]], caller: Caller | None) -> list[PollView]:
    """Show what polls_for() found, with all their options counted by one statement."""
    counted = _counted(db, [row.Poll.id for row in rows])
    return [_view(row, counted[row.Poll.id], caller) for row in rows]


def _counted(db: Session, poll_ids: Iterable[UUID]) -> dict[UUID, list[tuple[int, str, int]]]:
    votes = func.count(Vote.user_id)
    chosen = and_(Vote.poll_id == PollOption.poll_id, Vote.option == PollOption.number)
    query = select(PollOption.poll_id, PollOption.number, PollOption.name, votes).outerjoin(Vote, chosen)
    query = query.where(PollOption.poll_id.in_(list(poll_ids))).group_by(PollOption.poll_id, PollOption.number)
    found: dict[UUID, list[tuple[int, str, int]]] = defaultdict(list)
    for poll_id, number, name, count in db.execute(query.order_by(PollOption.number)):
        found[poll_id].append((number, name, count))
    return found


def _view(row: Row[Any], options: list[tuple[int, str, int]], caller: Caller | None) -> PollView:
    poll: Poll = row.Poll
    total = sum(count for *_, count in options)
    return PollView(
        id=poll.id,
        title=poll.title,
        state=PollState.OPEN if row.open else PollState.CLOSED,
        options=[
            OptionView(number=number, name=name, votes=count, share=round(count / total, 4) if total else 0.0)
            for number, name, count in options
        ],
        votes=total,
        votes_may_change=poll.votes_may_change,
        created_at=poll.created_at,
        closes_at=poll.closes_at,
        closed_at=None if row.open else poll.closed_at or poll.closes_at,
        seconds_left=float(row.left) if row.open else 0.0,
        your_vote=row.choice,
        may_edit=bool(row.open) and may_edit(poll, caller),
    )


def time_left(seconds: float) -> str:
    """Return how much time there is in days, hours and minutes, the two largest that matter."""
    minutes = int(seconds // 60)
    if minutes < 1:
        return "less than a minute"
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [_count(days, "day"), _count(hours, "hour"), _count(rest, "minute")]
    first = next(place for place, part in enumerate(parts) if part)
    return ", ".join(part for part in parts[first : first + 2] if part)


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}{'s' if number != 1 else ''}" if number else ""
