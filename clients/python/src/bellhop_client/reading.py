"""Reading: from JSON to frozen dataclasses, by their annotations. What is not known here is ignored."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from functools import cache, partial
from types import NoneType, UnionType
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints
from uuid import UUID

T = TypeVar("T")
Convert = Callable[[Any], Any]


def read(kind: type[T], data: Mapping[str, Any]) -> T:
    """Return an instance of a dataclass. A field that an older server does not send is None, or its default."""
    given = {}
    for name, convert, required in _fields(cast(Hashable, kind)):
        value = data.get(name)
        if value is not None or required or name in data:
            given[name] = convert(value) if convert and value is not None else value
    return kind(**given)


@cache
def _fields(kind: Any) -> list[tuple[str, Convert | None, bool]]:
    hints = get_type_hints(kind)
    return [(one.name, _converter(hints[one.name]), one.default is MISSING) for one in fields(kind)]


def _converter(hint: Any) -> Convert | None:
    """Return what turns JSON into a value of this type; None where JSON has it as it is."""
    if get_origin(hint) is UnionType:
        [hint] = [one for one in get_args(hint) if one is not NoneType]
    if hint is datetime:
        return datetime.fromisoformat
    if hint is UUID:
        return UUID
    if get_origin(hint) is tuple:
        item = _converter(get_args(hint)[0])
        return (lambda values: tuple(map(item, values))) if item else tuple
    return partial(read, hint) if isinstance(hint, type) and is_dataclass(hint) else None
