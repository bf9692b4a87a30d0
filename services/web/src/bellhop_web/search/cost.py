"""Cost: how a query is read, and one that would be slow is named before it runs, with the terms that make it so."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Select, func, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from bellhop.errors import Fault, Invalid
from bellhop_ledger.ledger.tables import Job
from bellhop_ledger.platform.estimates import expected_cost
from bellhop_web.search.terms import Search, Term

SLOW = 15_000.0
"""What takes more than 0.1 s where the tables are in memory; in the planner's unit."""
PROBED = frozenset({"", "args", "error", "label", "tag"})
"""Terms of which nobody knows beforehand how many jobs they find: the indexes of their values are in no order."""
FEW = 2_000
"""So many jobs are read and sorted at once; where there are more, the list is read in its order as far as a page."""
PROBE = text("SET LOCAL statement_timeout = '500ms'")
IN_ORDER = text("SET LOCAL enable_bitmapscan = off; SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
Statement = Callable[[Search], Select[Any]]
"""Returns the statement that reads what a query finds, with its LIMIT."""


class TooSlow(Invalid):
    """The query would take long."""

    def __init__(self, terms: Sequence[Term]):
        self.named = " ".join(map(str, terms))
        words = f"{self.named} would take long: add since:2h, state:failed, task: or id: to it"
        super().__init__(faults=[Fault("q", f"{words}; or run it all the same, with slow=true")], slow=self.named)


def prepare(db: Session, search: Search, statement: Statement, *, slow: bool) -> None:
    """Choose how a query is read in this transaction. Raises TooSlow, unless it may be slow.

    Few jobs are taken from the index of their values and sorted. Many are found soon by reading the list in its order.
    """
    if not _is_quick(db, search, statement) and not slow:
        raise TooSlow(_slow_terms(db, search, statement))


def _is_quick(db: Session, search: Search, statement: Statement) -> bool:
    """Whether a query is answered soon. Has the list read in its order where many jobs are found by a value."""
    probed = [term for term in search.terms if term.name in PROBED]
    if any(not term.negated for term in probed):
        found = _count(db, statement(search).order_by(None).limit(FEW + 1))
        if found is not None and found > FEW:
            db.execute(IN_ORDER)
        return found is not None
    if not search or expected_cost(db, statement(search)) > SLOW:
        return not search
    foreseen = not probed and len(search.terms) == 1  # the planner takes several terms for independent of each other
    return foreseen or _count(db, statement(search)) is not None


def _count(db: Session, wanted: Select[Any]) -> int | None:
    """Count what a statement finds, up to its LIMIT; None where that takes too long."""
    some = wanted.with_only_columns(Job.id)
    try:
        with db.begin_nested() as tried:
            db.execute(PROBE)
            number: int = db.execute(select(func.count()).select_from(some.subquery())).scalar_one()
            tried.rollback()  # the time-out is of this statement alone
            return number
    except OperationalError:
        return None


def _slow_terms(db: Session, search: Search, statement: Statement) -> Sequence[Term]:
    """Return the terms that are slow by themselves; all, where they are so together only."""
    alone = [term for term in search.terms if expected_cost(db, statement(Search((term,)))) > SLOW]
    return alone or search.terms
