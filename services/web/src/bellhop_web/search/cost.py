"""Cost: a query that Postgres expects to be slow is named before it runs, with the terms that make it so."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Select
from sqlalchemy.orm import Session

from bellhop.errors import Fault, Invalid
from bellhop_ledger.platform.estimates import expected_cost
from bellhop_web.search.terms import Search, Term

SLOW = 30_000.0
"""What takes more than 0.1 s where the tables are in memory; in the planner's unit."""
Statement = Callable[[Search], Select[Any]]
"""Returns the statement that reads what a query finds, with its LIMIT."""


class TooSlow(Invalid):
    """The query would take long."""

    def __init__(self, terms: Sequence[Term]):
        self.named = " ".join(map(str, terms))
        words = f"{self.named} would take long: add since:2h, state:failed, task: or id: to it"
        super().__init__(faults=[Fault("q", f"{words}; or run it all the same, with slow=true")], slow=self.named)


def require_quick(db: Session, search: Search, statement: Statement) -> None:
    """Raise TooSlow where Postgres expects that a query takes long."""
    if search and expected_cost(db, statement(search)) > SLOW:
        raise TooSlow(_slow_terms(db, search, statement))


def _slow_terms(db: Session, search: Search, statement: Statement) -> Sequence[Term]:
    """Return the terms that are slow by themselves; all, where they are so together only."""
    alone = [term for term in search.terms if expected_cost(db, statement(Search((term,)))) > SLOW]
    return alone or search.terms
