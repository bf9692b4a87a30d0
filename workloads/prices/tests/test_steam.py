"""Steam, replayed by a local server: its list of games, its odd answers, its limits."""

import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import text

from bellhop_ledger.budgets import CallBudget
from bellhop_ledger.platform.database import transaction
from bellhop_prices.bodies.sources import Quote, TooSoon
from bellhop_prices.bodies.sources.source import SourceFailed, SourceRefused
from bellhop_prices.bodies.sources.steam import PAGE, Steam
from tests.stack import Stack
from workloads.prices.tests.steam import FREE, GONE, KEY, PRICELESS, FakeSteam, fake_steam, priced


@pytest.fixture
def steam(servers: Stack) -> Iterator[FakeSteam]:
    servers.sql("TRUNCATE call_budgets CASCADE")
    with fake_steam() as server:
        yield server


def client(steam: FakeSteam, most: int = 200, seconds: float = 300, **changes: Any) -> Steam:
    return Steam(steam.settings(**changes), CallBudget("steam", most=most, seconds=seconds), steam.allowed)


def test_the_list_of_games_comes_page_by_page_to_its_end(steam: FakeSteam) -> None:
    steam.count = 2 * PAGE + 1

    pages = list(client(steam).catalogue(None, None))

    assert [len(page.entries) for page in pages] == [PAGE, PAGE, 1]
    assert [page.cursor for page in pages] == [str(PAGE), str(2 * PAGE), None]
    assert pages[0].entries[0].url == f"{steam.url}/app/1"


def test_a_refresh_goes_on_where_it_was_and_asks_for_changes_only(steam: FakeSteam) -> None:
    steam.names = {10: "Half-Life", 20: "", 30: "龍が如く", 40: "\u0007"}

    [page] = client(steam).catalogue("10", datetime(2030, 1, 31, tzinfo=UTC))

    assert [(entry.ref, entry.name) for entry in page.entries] == [("30", "龍が如く")]
    [(_, query)] = steam.asked
    assert (query["last_appid"], query["if_modified_since"]) == ("10", "1896048000")


def test_nothing_new_is_an_empty_page(steam: FakeSteam) -> None:
    steam.names = {10: "Half-Life"}

    [page] = client(steam).catalogue("10", None)

    assert (page.entries, page.cursor) == ([], None)


def test_prices_of_many_games_are_one_call_in_the_country_s_currency(steam: FakeSteam) -> None:
    steam.store = {"10": priced(999), "20": priced(120_000, "JPY"), "30": priced(1234, "KWD")}

    quotes = client(steam).prices(["10", "20", "30"])

    assert quotes == [Quote("10", 999, "EUR"), Quote("20", 1200, "JPY"), Quote("30", 12340, "KWD")]
    [(path, query)] = steam.asked
    assert (path, query) == ("/api/appdetails", {"appids": "10,20,30", "cc": "de", "filters": "price_overview"})


def test_games_without_a_price_are_told_apart(steam: FakeSteam) -> None:
    steam.store = {"1": FREE, "2": FREE, "3": PRICELESS, "4": GONE, "5": priced(500)}
    steam.basic = {"1": {"success": True, "data": {"type": "game", "is_free": True}}, "2": FREE, "3": PRICELESS}

    quotes = client(steam).prices(["1", "2", "3", "4", "5", "6"])

    assert sorted(quotes, key=lambda quote: quote.ref) == [
        Quote("1", 0, None),
        Quote("2", None, None),
        Quote("3", None, None),
        Quote("5", 500, "EUR"),
    ]


ODD_PRICES: list[tuple[Any, str]] = [
    (None, "20: must be an object"),
    (7, "20: must be an object"),
    ("no", "20: must be an object"),
    ({}, "20.success: is missing"),
    ({"success": None}, "20.success: must be true or false"),
    ({"success": True, "data": 7}, "20: must be an object"),
    ({"success": True, "data": [1]}, "20: must be an object"),
    ({"success": True, "data": {"price_overview": 7}}, "20.price_overview: must be an object"),
    ({"success": True, "data": {"price_overview": {}}}, "20.price_overview.currency: is missing"),
    (priced(None), "20.price_overview.final: must be a whole number"),
    (priced(True), "20.price_overview.final: must be a whole number"),
    (priced("999"), "20.price_overview.final: must be a whole number"),
    (priced(-1), "20.price_overview.final: "),
    (priced(10**30), "20.price_overview.final: "),
    (priced(10**2000), "20.price_overview.final: must be a whole number"),
    (priced(999, "XXX?"), "20.price_overview.currency: must be the code of a currency"),
    (priced(999, None), "20.price_overview.currency: must be a text"),
]


@pytest.mark.parametrize(("odd", "reason"), ODD_PRICES)
def test_an_odd_answer_for_one_game_spoils_no_other(steam: FakeSteam, odd: Any, reason: str) -> None:
    steam.store = {"10": priced(999), "20": odd, "30": priced(500)}
    asked = client(steam)

    assert asked.prices(["10", "20", "30"]) == [Quote("10", 999, "EUR"), Quote("30", 500, "EUR")]
    assert asked.skipped.count == 1
    assert asked.skipped.first[0].startswith(reason)


@pytest.mark.parametrize("odd", [None, 7, [1], {"success": True, "data": {"is_free": 7}}, {"success": "what"}])
def test_an_odd_answer_to_a_closer_look_spoils_no_other(steam: FakeSteam, odd: Any) -> None:
    steam.store, steam.basic = {"10": priced(999), "20": FREE}, {"20": odd}
    asked = client(steam)

    assert asked.prices(["10", "20"]) == [Quote("10", 999, "EUR")]
    assert asked.skipped.count == 1


@pytest.mark.parametrize("name", [None, 7, True, []])
def test_a_game_with_an_odd_name_spoils_no_other(steam: FakeSteam, name: Any) -> None:
    steam.names = {10: "Half-Life", 20: name, 30: "Portal"}
    asked = client(steam)

    [page] = asked.catalogue(None, None)

    assert [entry.ref for entry in page.entries] == ["10", "30"]
    assert asked.skipped.first[0].startswith("apps.20.name: must be")


def test_a_name_that_is_not_utf_8_is_read_without_what_is_not(steam: FakeSteam) -> None:
    steam.names = {10: "Half-Life", 20: "Gr\udcfcn"}

    [page] = client(steam).catalogue(None, None)

    assert [entry.name for entry in page.entries] == ["Half-Life", "Gr n"]


@pytest.mark.parametrize("app", [None, 7, [], {}, {"name": "A"}, {"appid": None}, {"appid": -1}, {"appid": 10**30}])
def test_an_odd_game_spoils_no_other(steam: FakeSteam, app: Any) -> None:
    steam.odd_apps = [app]
    steam.names = {10: "Half-Life"}
    asked = client(steam)

    [page] = asked.catalogue(None, None)

    assert [entry.ref for entry in page.entries] == ["10"]
    assert asked.skipped.count == 1


@pytest.mark.parametrize("status", [429, 403])
def test_a_store_that_was_asked_too_often_is_left_alone_for_longer_each_time(steam: FakeSteam, status: int) -> None:
    steam.failures = [status, status]
    pauses = []

    for _ in range(2):
        with pytest.raises(TooSoon) as told:
            client(steam).prices(["10"])
        pauses.append(told.value.seconds)
        with pytest.raises(TooSoon):
            client(steam).prices(["10"])
        forgive()

    assert pauses == [pytest.approx(30, abs=1), pytest.approx(60, abs=1)]
    assert len(steam.asked) == 2


def forgive() -> None:
    """Let the pause pass."""
    with transaction() as db:
        db.execute(text("UPDATE call_budgets SET blocked_until = now()"))


def test_an_answer_ends_the_back_off(steam: FakeSteam, servers: Stack) -> None:
    steam.failures = [429]
    with pytest.raises(TooSoon):
        client(steam).prices(["10"])
    forgive()

    client(steam).prices(["10"])

    assert servers.sql("SELECT refusals, blocked_until FROM call_budgets") == [(0, None)]


@pytest.mark.parametrize(
    ("status", "error", "reason"),
    [(500, SourceFailed, "status 500"), (403, SourceRefused, "PRICES_STEAM_API_KEY: is refused")],
)
def test_a_list_that_is_not_given_says_why(steam: FakeSteam, status: int, error: type[Exception], reason: str) -> None:
    steam.failures = [status]

    with pytest.raises(error, match=reason):
        next(client(steam).catalogue(None, None))


def test_a_missing_key_is_named(steam: FakeSteam) -> None:
    with pytest.raises(SourceRefused, match="PRICES_STEAM_API_KEY: is not set"):
        next(client(steam, steam_api_key=SecretStr("")).catalogue(None, None))


def test_the_key_is_in_no_error_and_in_no_log(steam: FakeSteam, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    faults = []

    for changes in ({}, {"steam_api_url": "http://127.0.0.1:1"}, {"steam_api_url": "http://10.0.0.1"}):
        steam.failures = [500]
        with pytest.raises((SourceFailed, SourceRefused)) as fault:
            next(client(steam, **changes).catalogue(None, None))
        faults.append(repr(fault.getrepr(chain=True, showlocals=False)) + str(fault.value) + repr(fault.value))

    assert KEY not in "".join(faults) + caplog.text + repr(steam.settings())


def test_workers_at_once_keep_to_one_limit_in_any_window(steam: FakeSteam) -> None:
    most, seconds, workers = 8, 1.0, 6

    def work(made: list[int]) -> None:
        steam_client = client(steam, most=most, seconds=seconds)
        while len(steam.moments) < 3 * most:
            try:
                steam_client.prices(["10"])
                made.append(1)
            except TooSoon as wait:
                threading.Event().wait(min(wait.seconds, 0.1))

    made: list[int] = []
    threads = [threading.Thread(target=work, args=(made,)) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    moments = sorted(steam.moments)
    assert len(moments) >= 3 * most
    spans = [later - earlier for earlier, later in zip(moments, moments[most:], strict=False)]
    assert min(spans) >= seconds


def test_the_limit_holds_without_redis_and_counts_a_call_that_has_not_ended(steam: FakeSteam, servers: Stack) -> None:
    servers.redis.stop()
    try:
        with CallBudget("steam", most=1, seconds=300).call(), pytest.raises(TooSoon) as wait:
            client(steam, most=1).prices(["10"])
    finally:
        servers.redis.start()

    assert 300 < wait.value.seconds <= 360
    assert steam.asked == []
