"""What polls keep of people. Polls and votes stay when an account is deleted, as nobody's: their results stay true."""

from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from bellhop_ledger.api import PersonalData, PersonalRows
from bellhop_polls.tables import Poll, PollOption, Vote


def export(db: Session, user_id: UUID) -> PersonalRows:
    """Return the polls that somebody has opened, and what they have voted for."""
    polls = select(Poll.id, Poll.title, Poll.created_at, Poll.closes_at, Poll.closed_at)
    chosen = and_(PollOption.poll_id == Vote.poll_id, PollOption.number == Vote.option)
    votes = select(Vote.poll_id, Poll.title, PollOption.name.label("option"), Vote.voted_at)
    votes = votes.join(Poll, Poll.id == Vote.poll_id).join(PollOption, chosen).where(Vote.user_id == user_id)
    return {
        "polls": db.execute(polls.where(Poll.owner_id == user_id).order_by(Poll.id)).mappings(),
        "votes": db.execute(votes.order_by(Vote.voted_at)).mappings(),
    }


personal = PersonalData(export=export)
