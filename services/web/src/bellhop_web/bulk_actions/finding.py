"""Finding: the jobs that a bulk action is about."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bellhop.errors import Conflict, Fault, Invalid
from bellhop_ledger.bulk_actions.tables import MOST_JOBS, Verb
from bellhop_ledger.ledger.tables import ENDED, Job, State
from bellhop_web.auth.callers import current_caller
from bellhop_web.bulk_actions.wording import words_for
from bellhop_web.search import Search, parse
from bellhop_web.search.conditions import condition

LONGEST = "5s"
"""After that the database gives the query up."""


class CountChanged(Conflict):
    """The query finds another number of jobs by now, so nothing was done."""

    def __init__(self, verb: Verb, count: int, expected: int):
        words = f"{words_for(verb, count)} by now, and not {expected:,}; nothing was done"
        super().__init__(faults=[Fault("count", words)], count=count)


class TooMany(Invalid):
    """The query finds more jobs than one action takes."""

    def __init__(self) -> None:
        words = f"finds more than {MOST_JOBS:,} jobs; narrow it, such as by since:2h or by task:"
        super().__init__(faults=[Fault("q", words)])


def found(db: Session, verb: Verb, q: str) -> Sequence[UUID]:
    """Return the jobs that a query finds and that the verb is for, the oldest first.

    Raises Invalid, which names what is wrong with the query, NotThePayloads, and TooMany.
    """
    db.execute(text(f"SET LOCAL statement_timeout = '{LONGEST}'"))
    search = parse(q)
    wanted = select(Job.id).where(condition(db, search, current_caller()), Job.state.in_(states_for(verb, search)))
    ids = db.scalars(wanted.order_by(Job.created_at, Job.id).limit(MOST_JOBS + 1)).all()
    if len(ids) > MOST_JOBS:
        raise TooMany
    return ids


def states_for(verb: Verb, search: Search) -> Collection[State]:
    """Return in which states a job must be. One that was cancelled is retried only where the query names that state."""
    if verb is Verb.CANCEL:
        return set(State) - ENDED
    return {State.FAILED, State.CANCELLED} if State.CANCELLED in search.states else {State.FAILED}
