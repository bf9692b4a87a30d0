"""What a form can hold besides JSON: nothing, and what cannot be read."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from bellhop.errors import Refused
from bellhop_ledger.platform.secrets import MASK
from bellhop_web.http.request import parse


@dataclass(frozen=True)
class Blank:
    """Nothing was given."""

    branch: int | None = None
    """Which of several kinds of value was chosen, though none was given yet."""


@dataclass(frozen=True)
class Unreadable:
    """A text that is not what its field takes."""

    text: str
    message: str
    as_json: bool = False
    """Whether it stands in a field for JSON."""


@dataclass(frozen=True)
class Manner:
    """How values are shown and read."""

    zone: str = "UTC"
    """The zone of dates without an offset."""
    stored: bool = False
    """Whether *** stands for a secret that is stored and stays as it is."""


BLANK = Blank()


def same(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON: there, unlike in Python, 1 is not true."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[name]) for name, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def hidden(value: Any, public: Collection[str] = ()) -> Any:
    """Return a secret value with *** in it; of an object, the values of `public` names (small letters) stay."""
    if isinstance(value, dict):
        return {name: inner if name.lower() in public else hidden(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [hidden(one) for one in value]
    return value if value is None or value == "" else MASK


def read_json(text: str) -> Any:
    """Return the value that a text is as JSON; Blank for an empty one, and Unreadable."""
    if not text.strip():
        return BLANK
    try:
        return parse(text.encode())
    except Refused as error:
        return Unreadable(text, error.faults[0].message, as_json=True)
    except UnicodeEncodeError:
        return Unreadable(text, "is not JSON: it has half of a character", as_json=True)
