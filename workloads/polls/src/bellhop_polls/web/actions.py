"""What people do with polls. Each act is decided by the database's clock, behind the lock of the poll's row."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from bellhop.errors import Conflict, Fault, Invalid, NotFound, Refused
from bellhop_ledger.api import NewJob, after_commit, announce_changed, clock, move_job, submit, uuid7
from bellhop_polls.tables import Poll, PollOption, topics_of
from bellhop_polls.tasks import close
from bellhop_polls.web.requests import NewPoll
from bellhop_web.plugin import Caller, NotAllowed, Origin, note_act, submit_for

DEFAULT_TIME = timedelta(hours=24)


class NoSuchPoll(NotFound):
    """There is no poll with this id."""


class PollClosed(Refused):
    """The poll is closed."""

    status = 410


class VotedAlready(Conflict):
    """You have voted in this poll already, and votes may not be changed in it."""


class NotYourPoll(NotAllowed):
    """Only who opened the poll, or an operator, may do this."""


# Voters share the lock of the poll's row, and who closes it waits for them: a vote is either counted or refused.
VOTE = text("""
    WITH poll AS MATERIALIZED (
        SELECT id, votes_may_change FROM polls.polls
        WHERE id = :poll AND closed_at IS NULL AND closes_at > clock_timestamp() FOR SHARE
    )
    INSERT INTO polls.votes AS vote (poll_id, user_id, option)
    SELECT poll.id, :user, o.number FROM poll JOIN polls.poll_options o ON o.poll_id = poll.id WHERE o.number = :option
    ON CONFLICT (poll_id, user_id) DO UPDATE SET option = excluded.option, voted_at = now()
        WHERE (SELECT votes_may_change FROM poll)
    RETURNING vote.option
""")


def open_poll(db: Session, new: NewPoll, owner: Caller, origin: Origin) -> UUID:
    """Open a poll together with the job that will close it, and give its id.

    A request that was sent before, by its idempotency key, gives the poll that it opened then.
    Raises Invalid for a date that cannot be, KeyReused and TooManyUnfinished.
    """
    now = _now(db)
    closes_at = new.closes_at or now + DEFAULT_TIME
    id = uuid7()
    [closing] = submit_for(db, owner, [_closing(id, closes_at, origin)], queue=None)
    if closing.args["poll_id"] != str(id):
        return UUID(closing.args["poll_id"])
    _check(closes_at, now)  # of a new poll only: one that was opened with this key may be closed by now
    fields = new.model_dump(include={"title", "votes_may_change"})
    db.add(Poll(id=id, owner_id=owner.user_id, closes_at=closes_at, closing_job_id=closing.id, **fields))
    db.flush()
    db.add_all(PollOption(poll_id=id, number=n, name=name) for n, name in enumerate(new.options, start=1))
    note_act(db, "poll.opened", "poll", id)
    after_commit(db, announce_changed, topics_of(id))
    return id


def _closing(poll_id: UUID, closes_at: datetime, origin: Origin) -> NewJob:
    return NewJob(
        close,
        {"poll_id": str(poll_id)},
        closes_at,
        submitter=origin.submitter,
        idempotency_key=origin.key_of(()),
        request_hash=origin.request_hash,
        former_hashes=origin.former_hashes,
        request_id=origin.request_id,
    )


def vote(db: Session, poll_id: UUID, option: int, user_id: UUID) -> None:
    """Count a person's vote, once. The audit does not say who has voted: a poll is no business of who reads it.

    Raises NoSuchPoll, PollClosed, VotedAlready, and Invalid for an option that the poll does not have.
    """
    if not db.execute(VOTE, {"poll": poll_id, "user": user_id, "option": option}).all():
        raise _why_not(db, poll_id, option)
    after_commit(db, announce_changed, topics_of(poll_id))


def _why_not(db: Session, poll_id: UUID, option: int) -> Refused:
    open_now = db.scalar(select(Poll.is_open()).where(Poll.id == poll_id))
    if open_now is None:
        return NoSuchPoll()
    if not open_now:
        return PollClosed()
    if db.get(PollOption, (poll_id, option)) is None:
        return Invalid(faults=[Fault("option", "is no option of this poll")])
    return VotedAlready()


def move_closing(db: Session, poll_id: UUID, closes_at: datetime, caller: Caller) -> None:
    """Move the closing date of an open poll, and its job. Raises NoSuchPoll, NotYourPoll, PollClosed, Invalid."""
    poll = _locked(db, poll_id, caller)
    _check(closes_at, _now(db))
    poll.closes_at = closes_at
    if not move_job(db, poll.closing_job_id, closes_at, by=caller.actor):
        poll.closing_job_id = submit(db, close.at(closes_at), poll_id=poll_id).id
    note_act(db, "poll.moved", "poll", poll_id, closes_at=closes_at.isoformat())
    after_commit(db, announce_changed, topics_of(poll_id))


def close_early(db: Session, poll_id: UUID, caller: Caller) -> None:
    """Close an open poll now. Its closing job comes at once and finds nothing to do.

    Raises NoSuchPoll, NotYourPoll, PollClosed.
    """
    poll = _locked(db, poll_id, caller)
    moment = func.least(func.clock_timestamp(), Poll.closes_at)
    db.execute(update(Poll).where(Poll.id == poll_id).values(closed_at=moment))
    move_job(db, poll.closing_job_id, clock.now(), by=caller.actor)
    note_act(db, "poll.closed", "poll", poll_id)
    after_commit(db, announce_changed, topics_of(poll_id))


def may_edit(poll: Poll, caller: Caller | None) -> bool:
    """Whether somebody may move the poll's date or close it."""
    return caller is not None and (caller.operates or caller.user_id == poll.owner_id)


def _locked(db: Session, poll_id: UUID, caller: Caller) -> Poll:
    """Return an open poll when nobody votes in it just now; whether it is open is asked behind the lock."""
    poll = db.get(Poll, poll_id, with_for_update={"key_share": True})
    if poll is None:
        raise NoSuchPoll
    if not may_edit(poll, caller):
        raise NotYourPoll
    if not db.scalar(select(Poll.is_open()).where(Poll.id == poll_id)):
        raise PollClosed
    return poll


def _now(db: Session) -> datetime:
    now: datetime = db.execute(select(func.now())).scalar_one()
    return now


def _check(closes_at: datetime, now: datetime) -> None:
    if closes_at <= now:
        raise Invalid(faults=[Fault("closes_at", "must be in the future")])
