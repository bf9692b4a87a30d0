"""Searched: what indexes on ended jobs hold of arguments, errors and labels, and the conditions that they answer.

An index serves a condition that is spelt as it is, so both are made of the same text here (docs/decisions/0077).
"""

from typing import Any

from sqlalchemy import ColumnElement, and_, cast, literal, literal_column
from sqlalchemy.dialects.postgresql import JSONB, TSQUERY

from bellhop_ledger.ledger.tables import Job

LONGEST_ARGS = 2_000
"""Characters of a job's arguments, as JSON: those of more are not searched, for each value is an entry of the index."""
LONGEST_MESSAGE = 500
"""Characters of an error's message that are searched; a word of so many fits into a tsvector."""
OF_ERROR, OF_LABEL = "e", "l"
"""What a word begins with in the index, by where it stands."""

_ERROR = f"coalesce(left(error ->> 'type', 200) || ' ' || left(error ->> 'message', {LONGEST_MESSAGE}), '')"
_PARTED = rf"regexp_replace({_ERROR}, '([a-z0-9])([A-Z])', '\1 \2', 'g')"


def _marked(text: str, mark: str) -> str:
    between = r"[\u0001-\u002f\u003a-\u0060\u007b-\u007f]+"
    return f"""regexp_replace(' ' || lower(({text}) COLLATE "C"), '{between}', ' {mark}', 'g')"""


_MARKED = f"""{_marked(f"{_ERROR} || ' ' || {_PARTED}", OF_ERROR)} || {_marked("coalesce(label, '')", OF_LABEL)}"""
_LIST = f"string_to_array({_MARKED}, ' ')"
WORDS = f"array_to_tsvector(array_remove(array_remove(array_remove({_LIST}, ''), '{OF_ERROR}'), '{OF_LABEL}'))"
"""The words of error and label in lower case, those of ReadTimeout once more apart; ASCII alone, as in every locale."""
HAS_WORDS = "(label IS NOT NULL OR error IS NOT NULL)"
HAS_ARGS = f"(args <> '{{}}'::jsonb AND length(args::text) <= {LONGEST_ARGS})"


def args_contain(part: dict[str, Any]) -> ColumnElement[bool]:
    """Return the condition that a job's arguments contain these."""
    return and_(Job.args.op("@>")(cast(literal(part, JSONB), JSONB)), literal_column(HAS_ARGS))


def words_match(query: str) -> ColumnElement[bool]:
    """Return the condition that the words of a job's error and label are as a tsquery says."""
    matches: ColumnElement[bool] = literal_column(WORDS).op("@@", is_comparison=True)(cast(query, TSQUERY))
    return and_(literal_column(HAS_WORDS), matches)
