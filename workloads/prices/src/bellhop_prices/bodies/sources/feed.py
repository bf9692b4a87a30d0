"""The source `feed`: a JSON file, on disk or at a URL, of games and what they cost.

    {"games": [{"id": 1, "name": "Elsewhere", "price": 19.99, "currency": "EUR", "url": "https://..."}]}

`price` and `url` may be missing or null: such a game is not for sale. A price of 0 is free. A game that cannot be read
is passed over and told in the job's result. Beside `games` there may be anything.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from bellhop.urls import WebUrl
from bellhop_ledger.api import Currency, minor_units
from bellhop_prices.bodies.sources.json_list import NotAList, items
from bellhop_prices.bodies.sources.source import CataloguePage, Entry, Quote, Skipped, SourceFailed, SourceRefused
from bellhop_prices.names import tidy
from bellhop_prices.settings import PricesSettings
from bellhop_worker.plugin import AllowList, FetchFailed, FetchRefused, Limits, fetch

LIMITS = Limits(total_seconds=120)
PAGE = 1000
LONGEST_ID = 100


def _id(value: object) -> object:
    if type(value) not in {int, str} or not 1 <= len(str(value)) <= LONGEST_ID:
        raise ValueError(f"must be a whole number or a text, of 1 to {LONGEST_ID} characters")
    return value


def _price(value: object) -> object:
    if value is not None and type(value) not in {int, Decimal, str}:
        raise ValueError("must be a number such as 12.50")
    return value


class FeedGame(BaseModel):
    """One game of a feed."""

    model_config = ConfigDict(extra="forbid", strict=True)

    id: Annotated[int | str, BeforeValidator(_id)]
    name: str
    price: Annotated[Decimal | int | str | None, BeforeValidator(_price)] = None
    currency: Currency | None = None
    url: WebUrl | None = None

    def entry(self) -> Entry:
        """Return it as an entry of the catalogue. Raises ValueError, which names the field."""
        ref, name = tidy(str(self.id)), tidy(self.name)
        if not ref or not name:
            raise ValueError(f"{'name' if ref else 'id'}: must not be empty")
        return Entry(ref, name, self.url, Quote(ref, self._amount(), self.currency))

    def _amount(self) -> int | None:
        if self.price is None:
            return None
        if self.currency is None:
            raise ValueError("currency: is required with a price")
        try:
            return minor_units(str(self.price), self.currency, point=True)
        except ValueError as error:
            raise ValueError(f"price: {error}") from None


class Feed:
    """Reads the whole feed before anything of it counts: half of a feed changes nothing."""

    name = "feed"
    batch = 10_000
    freshness = 0.0

    def __init__(self, settings: PricesSettings, limits: Limits = LIMITS, allow: AllowList | None = None):
        self._place = settings.feed_url
        self._allow = allow
        self._limits = replace(limits, body_bytes=settings.feed_max_bytes)
        self.skipped = Skipped()

    def catalogue(self, cursor: str | None, since: datetime | None) -> Iterator[CataloguePage]:
        """Yield all of it, every time: a file is read quickly."""
        document = self._read()
        total = sum(1 for _ in _entries(document, Skipped()))
        page: list[Entry] = []
        for entry in _entries(document, self.skipped):
            page.append(entry)
            if len(page) == PAGE:
                yield CataloguePage(page, entry.ref, total)
                page = []
        yield CataloguePage(page, None, total)

    def prices(self, refs: Sequence[str]) -> list[Quote]:
        """Return the prices of those that the feed has."""
        wanted = set(refs)
        entries = _entries(self._read(), self.skipped)
        return [entry.quote for entry in entries if entry.quote and entry.ref in wanted]

    def _read(self) -> bytes:
        if not self._place:
            raise SourceRefused("PRICES_FEED_URL: is not set")
        if self._place.startswith(("http://", "https://")):
            return self._fetch()
        return self._open(Path(self._place.removeprefix("file://")))

    def _fetch(self) -> bytes:
        try:
            page = fetch(self._place, allow=self._allow, limits=self._limits, keep_body=True)
        except FetchRefused as refused:
            raise SourceRefused(f"PRICES_FEED_URL: {refused}") from None
        except FetchFailed as failed:
            raise SourceFailed(f"PRICES_FEED_URL: {failed}") from None
        if page.status != 200:
            raise SourceFailed(f"PRICES_FEED_URL: answered with status {page.status}")
        return page.body or b""

    def _open(self, path: Path) -> bytes:
        try:
            if not path.is_file():
                raise SourceRefused(f"PRICES_FEED_URL: {path} is not a file")
            with path.open("rb") as file:
                document = file.read(self._limits.body_bytes + 1)
        except OSError as error:
            raise SourceFailed(f"PRICES_FEED_URL: cannot read {path}: {error.strerror}") from error
        if len(document) > self._limits.body_bytes:
            raise SourceRefused(f"PRICES_FEED_URL: {path} is larger than {self._limits.body_bytes} bytes")
        return document


def _entries(document: bytes, skipped: Skipped) -> Iterator[Entry]:
    """Read a feed. Raises SourceRefused where it is not one."""
    seen: set[str] = set()
    try:
        for place, item in enumerate(items(document, "games")):
            try:
                entry = FeedGame.model_validate(item).entry()
                if entry.ref in seen:
                    raise ValueError("id: is there twice")
            except ValueError as error:  # pydantic's is one
                skipped.add(f"games.{place}", error)
                continue
            seen.add(entry.ref)
            yield entry
    except NotAList as error:
        raise SourceRefused(f"PRICES_FEED_URL: {error}") from None
