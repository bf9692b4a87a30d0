"""Brief: a list leaves out what may be of any size, and says so; the thing itself has it all."""

import json
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import ColumnElement, Text, case, cast, func, null, true

LONGEST = 2_000
"""Characters that a value may have as JSON in a list."""
CUT = 500
"""Characters of an error's message that a list shows when it is too long."""
UNREAD = 10 * LONGEST
"""Bytes: a value that takes more where it is stored is too long without a look at it."""
OMITTED = Field(
    description=f"What is cut or left out (empty) here because it has more than {LONGEST:,} characters as JSON"
)

Omitted = Annotated[list[str], OMITTED]


def is_brief(column: Any) -> ColumnElement[bool]:
    """Whether a column of JSON is short enough for a list; a condition for a statement."""
    short = func.length(cast(column, Text)) <= LONGEST
    return case((column.is_(None), true()), (func.pg_column_size(column) > UNREAD, ~true()), else_=short)


def if_brief(column: Any, otherwise: Any = None) -> ColumnElement[Any]:
    """Return the column where it is short enough, so that Postgres does not even send what is not."""
    return case((is_brief(column), column), else_=null() if otherwise is None else otherwise)


def is_short(value: Any) -> bool:
    """Whether a value that was read already is short enough for a list."""
    return len(json.dumps(value, ensure_ascii=False)) <= LONGEST
