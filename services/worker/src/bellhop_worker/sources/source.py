"""What a source of games and prices is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bellhop.errors import BellhopError, Permanent


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


class Source(Protocol):
    """Gives the catalogue and prices. Raises SourceFailed, SourceRefused and TooSoon."""

    name: str
    batch: int
    """For how many games it is asked at once."""
    freshness: float
    """Seconds for which a price is good enough not to ask again."""

    def catalogue(self, cursor: str | None, since: datetime | None) -> Iterator[CataloguePage]:
        """Give the pages after the cursor, with at least all games that changed since then."""
        ...

    def prices(self, refs: Sequence[str]) -> list[Quote]:
        """Give the prices of these games, at most `batch` of them; of some there may be no answer."""
        ...


class SourceFailed(BellhopError):
    """The source cannot be read now."""


class SourceRefused(Permanent):
    """The source cannot be read until somebody changes something."""


class TooSoon(BellhopError):
    """The source was asked often enough; it may be asked again after some seconds."""

    def __init__(self, seconds: float):
        super().__init__(f"the source may be asked again in {seconds:.0f} s")
        self.seconds = seconds
