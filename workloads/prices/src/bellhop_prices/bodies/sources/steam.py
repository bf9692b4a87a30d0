"""The source `steam`: the Steam Web API's list of games, and the store's prices.

https://partner.steamgames.com/doc/webapi/IStoreService (GetAppList); of the store's appdetails
there is no official description, and what comes back is rarely what one asked for.
"""

import json
import random
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from bellhop_ledger.api import Currency, currency_digits
from bellhop_prices.bodies.sources.json_list import whole_number
from bellhop_prices.bodies.sources.source import CataloguePage, Entry, Quote, Skipped, SourceFailed, SourceRefused
from bellhop_prices.names import tidy
from bellhop_prices.settings import PricesSettings
from bellhop_worker.plugin import AllowList, CallBudget, FetchFailed, FetchRefused, fetch

T = TypeVar("T")
PAGE = 10_000
FEW = 5
"""How many games without a price are looked at more closely after one call: each costs another call."""


LARGEST = 10**12
"""Of ids and of prices: far below what a bigint holds."""


class App(BaseModel):
    """A game of the list; some have no name."""

    model_config = ConfigDict(strict=True)

    appid: Annotated[int, Field(ge=0, le=LARGEST)]
    name: str = ""


class Apps(BaseModel):
    """A page of the list; an empty one lacks all fields. Its games are read one by one."""

    apps: list[Any] = []
    have_more_results: bool = False
    last_appid: int | None = None


class AppList(BaseModel):
    """The answer of GetAppList."""

    response: Apps


class Overview(BaseModel):
    """A price in hundredths of whatever currency it is, those without cents as well."""

    model_config = ConfigDict(strict=True)

    currency: Currency
    final: Annotated[int, Field(ge=0, le=LARGEST)]

    def amount(self) -> int:
        """Return it in the currency's own minor units."""
        return int(self.final * 10 ** currency_digits(self.currency) // 100)


class Facts(BaseModel):
    """What the store says of a game, as far as it was asked for."""

    price_overview: Overview | None = None
    is_free: bool = False


class Details(BaseModel):
    """The store's answer for one game; `data` is an empty list where there is nothing to say."""

    success: bool
    data: Any = None

    def facts(self) -> Facts | None:
        """Return what there is; nothing where the store knows no such game. Raises ValidationError."""
        if not self.success:
            return None
        return Facts() if self.data in (None, []) else Facts.model_validate(self.data)


DETAILS = TypeAdapter(dict[str, Any])
APP_LIST = TypeAdapter(AppList)


class Steam:
    """Asks Steam, no more often than all workers together may."""

    name = "steam"
    batch = 100
    freshness = 900.0

    def __init__(self, settings: PricesSettings, budget: CallBudget, allow: AllowList | None = None):
        self._settings, self._budget, self._allow = settings, budget, allow
        self.skipped = Skipped()

    def catalogue(self, cursor: str | None, since: datetime | None) -> Iterator[CataloguePage]:
        """Yield the pages of the list, each one call."""
        key = self._settings.steam_api_key.get_secret_value()
        if not key:
            raise SourceRefused("PRICES_STEAM_API_KEY: is not set")
        query = {"key": key, "include_games": "true", "max_results": PAGE}
        if since is not None:
            query["if_modified_since"] = int(since.timestamp())
        last = int(cursor or 0)
        while True:
            page = self._apps(query | {"last_appid": last})
            is_last = not page.have_more_results
            if not is_last and (page.last_appid is None or page.last_appid <= last):
                raise SourceFailed("steam: the list of games does not go on where it should")
            yield CataloguePage(self._entries(page.apps), None if is_last else str(page.last_appid))
            if is_last:
                return
            last = page.last_appid or last

    def prices(self, refs: Sequence[str]) -> list[Quote]:
        """Return the prices that the store answers with, for all of them in one call."""
        found = self._facts(refs, "price_overview")
        empty = [ref for ref, facts in found.items() if facts.price_overview is None]
        looked_at = random.sample(empty, min(FEW, len(empty)))
        priced = [_quote(ref, facts) for ref, facts in found.items() if facts.price_overview is not None]
        return priced + [quote for ref in looked_at for quote in self._unpriced(ref)]

    def _unpriced(self, ref: str) -> list[Quote]:
        """Return whether a game is free or not for sale: neither has a price, and only one is news."""
        return [_quote(ref, facts) for facts in self._facts([ref], "basic").values()]

    def _facts(self, refs: Sequence[str], filters: str) -> dict[str, Facts]:
        """Return what the store says of these games, without those that it does not know."""
        answers, found = self._details(refs, filters), {}
        for ref in refs:
            try:
                facts = Details.model_validate(answers[ref]).facts() if ref in answers else None
            except ValidationError as error:
                self.skipped.add(ref, error)
                continue
            if facts is not None:
                found[ref] = facts
        return found

    def _entries(self, apps: Sequence[Any]) -> list[Entry]:
        entries = []
        for place, app in enumerate(apps):
            try:
                known = App.model_validate(app)
            except ValidationError as error:
                self.skipped.add(f"apps.{_ref(app, place)}", error)
                continue
            if name := tidy(known.name):
                ref = str(known.appid)
                entries.append(Entry(ref, name, f"{self._settings.steam_store_url}/app/{ref}"))
        return entries

    def _apps(self, query: dict[str, Any]) -> Apps:
        status, body = self._get(f"{self._settings.steam_api_url}/IStoreService/GetAppList/v1/", query)
        if status in {401, 403}:
            raise SourceRefused("PRICES_STEAM_API_KEY: is refused by Steam")
        return self._read(APP_LIST, status, body).response

    def _details(self, refs: Sequence[str], filters: str) -> dict[str, Any]:
        query = {"appids": ",".join(refs), "cc": self._settings.steam_country, "filters": filters}
        status, body = self._get(f"{self._settings.steam_store_url}/api/appdetails", query)
        if status == 403:
            raise self._budget.refused()
        return self._read(DETAILS, status, body)

    def _get(self, url: str, query: dict[str, Any]) -> tuple[int, bytes]:
        """Ask. Errors never name the address: it holds the key."""
        try:
            with self._budget.call():
                page = fetch(f"{url}?{urlencode(query)}", allow=self._allow, keep_body=True)
        except FetchRefused as refused:
            raise SourceRefused(f"steam: {refused}") from None
        except FetchFailed as failed:
            raise SourceFailed(f"steam: {failed}") from None
        if page.status == 429:
            raise self._budget.refused()
        return page.status, page.body or b""

    def _read(self, model: TypeAdapter[T], status: int, body: bytes) -> T:
        if status != 200:
            raise SourceFailed(f"steam: answered with status {status}")
        try:
            answer = model.validate_python(_json(body))
        except (ValueError, RecursionError):  # from None: it quotes the answer
            raise SourceFailed("steam: the answer is not as it should be") from None
        self._budget.accepted()
        return answer


def _json(body: bytes) -> Any:
    """Read JSON so that what is wrong in one entry, such as text that is not UTF-8, spoils that entry alone."""
    return json.loads(body.decode("utf-8", "surrogateescape"), parse_int=whole_number)


def _ref(app: Any, place: int) -> object:
    return app.get("appid", place) if isinstance(app, dict) else place


def _quote(ref: str, facts: Facts) -> Quote:
    if facts.price_overview is not None:
        return Quote(ref, facts.price_overview.amount(), facts.price_overview.currency)
    return Quote(ref, 0 if facts.is_free else None, None)
