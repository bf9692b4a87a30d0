"""Estimates: what Postgres expects a statement to cost, before it runs."""

from typing import Any

from sqlalchemy import ClauseElement, Executable, Select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session


class _Explain(Executable, ClauseElement):
    inherit_cache = False

    def __init__(self, statement: Select[Any]):
        self.statement = statement


@compiles(_Explain)
def _compile(element: _Explain, compiler: Any, **options: Any) -> str:
    return f"EXPLAIN (FORMAT JSON) {compiler.process(element.statement, **options)}"


def expected_cost(db: Session, statement: Select[Any]) -> float:
    """Return the planner's estimate in its own unit, in which reading a page in a row is 1."""
    [plan] = db.execute(_Explain(statement)).scalar_one()
    return float(plan["Plan"]["Total Cost"])
