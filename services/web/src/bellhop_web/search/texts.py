"""Texts: what holds for the jobs whose error or label says something."""

from typing import Any

from sqlalchemy import ColumnElement, and_, func

from bellhop_ledger.ledger.searched import words_match
from bellhop_ledger.ledger.tables import Job
from bellhop_web.search.words import of_error, of_label

ERROR = func.concat(Job.error["type"].astext, ": ", Job.error["message"].astext)


def error_says(text: str) -> ColumnElement[bool]:
    """Return that an error has these words, by their index.

    The text as it is written is looked for first, which takes a tenth of the time.
    """
    return and_(Job.error.is_not(None), _contains(ERROR, text), words_match(of_error(text)))


def label_says(text: str) -> ColumnElement[bool]:
    """Return that a label has these words, by their index."""
    return and_(Job.label.is_not(None), _contains(Job.label, text), words_match(of_label(text)))


def error_contains(text: str) -> ColumnElement[bool]:
    """Return that an error has this text anywhere."""
    return and_(Job.error.is_not(None), _contains(ERROR, text))


def label_contains(text: str) -> ColumnElement[bool]:
    """Return that a label has this text anywhere."""
    return _contains(Job.label, text)


def _contains(column: Any, text: str) -> ColumnElement[bool]:
    holds: ColumnElement[bool] = column.icontains(text, autoescape=True)
    return holds
