"""A small market for tests: games that cost something, and people who wait for them to cost less."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from bellhop_ledger.accounts.users import User
from bellhop_ledger.api import search_key
from bellhop_ledger.platform.clock import now
from bellhop_ledger.platform.database import transaction
from bellhop_prices.bodies.observation import observe
from bellhop_prices.bodies.sources import CataloguePage, Entry, Quote
from bellhop_prices.tables import Game, Watch


def game(name: str = "Elsewhere", source: str = "feed", **facts: Any) -> Game:
    """Add a game."""
    with transaction() as db:
        made = Game(source=source, ref=facts.pop("ref", uuid4().hex), name=name, search=search_key(name), **facts)
        db.add(made)
    return made


def watch(game: Game, threshold: int, currency: str = "EUR") -> Watch:
    """Watch a game as a new person."""
    with transaction() as db:
        person = User(email=f"{uuid4().hex}@example.org", password_hash="-", activated_at=now())
        db.add(person)
        db.flush()
        made = Watch(user_id=person.id, game_id=game.id, threshold=threshold, currency=currency)
        db.add(made)
    return made


def see(game: Game, amount: int | None, currency: str | None = "EUR", asked_at: datetime | None = None) -> int:
    """Observe a price and give how many alerts that made."""
    with transaction() as db:
        return observe(db, game.source, [Quote(game.ref, amount, currency)], asked_at or now())[1]


class Shop:
    """A source whose prices are what a test says."""

    name = "shop"
    batch = 2
    freshness = 0.0

    def __init__(self, **prices: int):
        self.amounts = prices
        self.asked: list[list[str]] = []
        self.pages: list[CataloguePage] = []

    def prices(self, refs: Sequence[str]) -> list[Quote]:
        self.asked.append(list(refs))
        return [Quote(ref, self.amounts[ref], "EUR") for ref in refs if ref in self.amounts]

    def catalogue(self, cursor: str | None, since: datetime | None) -> Iterator[CataloguePage]:
        self.since = since
        yield from self.pages[int(cursor or 0) :]

    def put(self, *pages: Sequence[str]) -> None:
        """Lay out a catalogue of these names, page by page."""
        for number, names in enumerate(pages, 1):
            entries = [Entry(f"{number}-{place}", name) for place, name in enumerate(names)]
            self.pages.append(CataloguePage(entries, str(number) if number < len(pages) else None))
