"""Enough: what is wrong with a request is looked for until there is enough of it, so to refuse it costs little.

pydantic finds all faults and makes an object of each, some 15 us: 80,000 unknown fields took a second.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from pydantic import ValidationError, ValidatorFunctionWrapHandler

from bellhop.errors import MOST_FAULTS

MANY = 1_000
"""Faults of one thing from which on none of them is named: to name one is to make all."""

_found: ContextVar[list[int]] = ContextVar("faults_found")


def has_enough() -> bool:
    """Whether enough is known to be wrong with the list that is being looked at."""
    return _found.get([0])[0] >= MOST_FAULTS


@contextmanager
def counted() -> Iterator[None]:
    """Count what is wrong with a list meanwhile."""
    token = _found.set([0])
    try:
        yield
    finally:
        _found.reset(token)


def count(error: ValidationError) -> None:
    """Count what is wrong with one item."""
    _found.get([0])[0] += error.error_count()


def look_at_items(given: Any, look: ValidatorFunctionWrapHandler) -> Any:
    """Look at a list whose items are each looked at by `look_unless_enough` (wrap validators)."""
    with counted():
        return look(given)


def look_unless_enough(given: Any, look: ValidatorFunctionWrapHandler) -> Any:
    """Look at an item, unless the list is refused for enough reasons already."""
    if has_enough():
        return given
    try:
        return look(given)
    except ValidationError as error:
        count(error)
        raise
