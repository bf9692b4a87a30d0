"""What a source of games and prices is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pydantic import ValidationError

from bellhop.errors import BellhopError, Permanent
from bellhop.text import words_of

MOST_TOLD = 20
"""Entries that were passed over and are told with the reason."""


@dataclass(frozen=True)
class Quote:
    """What a game costs now, in minor units; without an amount it is not for sale.

    Something free of charge costs 0 and may have no currency.
    """

    ref: str
    amount: int | None
    currency: str | None


@dataclass(frozen=True)
class Entry:
    """A game of the catalogue; `quote` where the catalogue names prices."""

    ref: str
    name: str
    url: str | None = None
    quote: Quote | None = None


@dataclass(frozen=True)
class CataloguePage:
    """A part of the catalogue; without a cursor it is the last one."""

    entries: Sequence[Entry]
    cursor: str | None
    total: int | None = None


class Skipped:
    """The entries of a source that cannot be used: how many there were, and what is wrong with the first of them."""

    def __init__(self) -> None:
        self.count = 0
        self.first: list[str] = []

    def add(self, place: str, error: ValueError) -> None:
        """Note an entry that was passed over."""
        self.count += 1
        if len(self.first) < MOST_TOLD:
            self.first.append(f"{place[:100]}{_reason(error)}")


WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is not known here",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "string_type": "must be a text",
    "string_unicode": "must be valid Unicode",
    "int_type": "must be a whole number",
    "bool_type": "must be true or false",
}
"""Of pydantic's errors, by their type."""


def _reason(error: ValueError) -> str:
    if not isinstance(error, ValidationError):
        return f".{error}"
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    field = "".join(f".{part}" for part in first["loc"])
    return f"{field}: {WORDS.get(first['type']) or words_of(first)}"


class Source(Protocol):
    """A catalogue and prices. Its methods raise SourceFailed, SourceRefused and TooSoon.

    An entry that cannot be used is passed over and noted in `skipped`; it never keeps others from being read.
    """

    name: str
    skipped: Skipped
    batch: int
    """For how many games it is asked at once."""
    freshness: float
    """Seconds for which a price is good enough not to ask again."""

    def catalogue(self, cursor: str | None, since: datetime | None) -> Iterator[CataloguePage]:
        """Yield the pages after the cursor, with at least all games that changed since then."""
        ...

    def prices(self, refs: Sequence[str]) -> list[Quote]:
        """Return the prices of these games, at most `batch` of them; of some there may be no answer."""
        ...


class SourceFailed(BellhopError):
    """The source cannot be read now."""


class SourceRefused(Permanent):
    """The source cannot be read until somebody changes something."""
