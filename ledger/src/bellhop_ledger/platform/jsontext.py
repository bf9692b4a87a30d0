"""What JSON can carry and Postgres, or another reader of JSON, cannot."""

import math
from collections import deque
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from bellhop.errors import Fault

DEEPEST = 100
"""How many levels of lists and objects are taken; readers of JSON give up somewhere above."""
LARGEST_BITS = 1023
"""A number below 2**1023 is finite for everybody who reads JSON numbers as doubles."""


def unstorable(value: Any, path: str = "", depth: int = 0) -> Iterator[Fault]:
    """Find what cannot be stored or given out again, and say where it stands.

    That is text with NUL or half of a surrogate pair, numbers that are not finite or far too
    large, and nesting that is too deep.
    """
    match value:
        case str():
            yield from _bad_text(value, path)
        case int() | float():
            yield from _bad_number(value, path)
        case dict() | list() | tuple() if depth == DEEPEST:
            yield Fault(path, f"must not be nested more than {DEEPEST} levels deep")
        case dict():
            for key, inner in value.items():
                place = _below(path, key)
                yield from _bad_text(key, place)
                yield from unstorable(inner, place, depth + 1)
        case list() | tuple():
            for index, inner in enumerate(value):
                yield from unstorable(inner, _below(path, str(index)), depth + 1)


def not_finite(value: Any, path: str = "") -> Iterator[Fault]:
    """Yield the numbers of a Python value that are not finite: on the way to JSON, pydantic makes null or text of them.

    And iterators, which can be read only once.
    """
    match value:
        case Enum():
            yield from not_finite(value.value, path)
        case float() | Decimal() | complex() if not (math.isfinite(value.real) and math.isfinite(value.imag)):
            yield Fault(path, "must be a finite number")
        case dict():
            for key, inner in value.items():
                yield from not_finite([key], _below(path, str(key)))
                yield from not_finite(inner, _below(path, str(key)))
        case list() | tuple() | set() | frozenset() | deque():
            for index, inner in enumerate(value):
                yield from not_finite(inner, _below(path, str(index)))
        case Iterator():
            yield Fault(path, "must be a list, not an iterator")


def _below(path: str, step: str) -> str:
    shown = step if step.isprintable() else ascii(step)
    return f"{path}.{shown}" if path else shown


def _bad_number(number: int | float, path: str) -> Iterator[Fault]:
    if isinstance(number, float) and not math.isfinite(number):
        yield Fault(path, "must be a finite number")
    elif isinstance(number, int) and number.bit_length() > LARGEST_BITS:
        yield Fault(path, "must be a smaller number: this one has too many digits")


def _bad_text(text: str, path: str) -> Iterator[Fault]:
    if "\0" in text:
        yield Fault(path, "must not contain the NUL character")
    elif not text.isascii() and any("\ud800" <= sign <= "\udfff" for sign in text):
        yield Fault(path, "must be valid Unicode: half of a surrogate pair stands alone")


def cleaned(text: str, longest: int) -> str:
    """Make any text storable: what cannot be is replaced, and the middle of a very long one is left out."""
    if len(text) > longest:
        text = f"{text[: longest // 2]}\n[...]\n{text[-longest // 2 :]}"
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def as_json(value: Any) -> Any:
    """Return the same with dates as ISO 8601, so that it can be stored as JSON."""
    if isinstance(value, dict):
        return {name: as_json(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [as_json(inner) for inner in value]
    return value.isoformat() if isinstance(value, datetime) else value
