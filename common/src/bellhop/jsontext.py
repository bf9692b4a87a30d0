"""What JSON can carry and Postgres cannot store."""

import math
from collections.abc import Iterator
from typing import Any

from bellhop.errors import Fault


def unstorable(value: Any, path: str = "") -> Iterator[Fault]:
    """Find strings with NUL or half of a surrogate pair and numbers that are not finite, and say where they stand."""
    match value:
        case str():
            yield from _bad_text(value, path)
        case float() if not math.isfinite(value):
            yield Fault(path, "must be a finite number")
        case dict():
            for key, inner in value.items():
                yield from _bad_text(key, f"{path}.{key!a}")
                yield from unstorable(inner, f"{path}.{key}" if path else str(key))
        case list() | tuple():
            for index, inner in enumerate(value):
                yield from unstorable(inner, f"{path}.{index}" if path else str(index))


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
