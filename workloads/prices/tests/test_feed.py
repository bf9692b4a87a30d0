"""The feed: games and prices from a file or a URL, all of it or nothing."""

import json
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bellhop_prices.bodies.sources import Quote
from bellhop_prices.bodies.sources.feed import PAGE, Feed
from bellhop_prices.bodies.sources.source import MOST_TOLD, SourceFailed, SourceRefused
from bellhop_prices.settings import PricesSettings
from bellhop_worker.http import AllowList, Limits
from tests.unit.http.world import Answer, Site, page, raw

QUICK = Limits(total_seconds=1)


def feed(place: object, limits: Limits = QUICK, **settings: Any) -> Feed:
    """A feed at a place."""
    return Feed(PricesSettings(feed_url=str(place), **settings), limits, AllowList.parse("127.0.0.1"))


@pytest.fixture
def write(tmp_path: Path) -> Callable[[object], Path]:
    def write(games: object) -> Path:
        path = tmp_path / "feed.json"
        path.write_text(json.dumps({"games": games}))
        return path

    return write


@pytest.fixture
def serve() -> Iterator[Callable[[Answer], str]]:
    sites: list[Site] = []

    def start(answer: Answer) -> str:
        sites.append(Site(answer))
        threading.Thread(target=sites[-1].serve_forever, args=(0.01,), daemon=True).start()
        return sites[-1].url()

    yield start
    for site in sites:
        site.shutdown()
        site.server_close()


def test_a_file_gives_names_addresses_and_prices_in_minor_units(write: Callable[[object], Path]) -> None:
    path = write(
        [
            {"id": 7, "name": "Elsewhere", "price": 19.99, "currency": "EUR", "url": "https://shop.example/7"},
            {"id": "jp", "name": "どこか", "price": "1200", "currency": "JPY"},
            {"id": "free", "name": "Gratis", "price": 0, "currency": "USD"},
            {"id": "gone", "name": "Nowhere"},
        ]
    )

    [found] = feed(path).catalogue(None, None)

    assert [(entry.ref, entry.name) for entry in found.entries][:2] == [("7", "Elsewhere"), ("jp", "どこか")]
    assert found.entries[0].url == "https://shop.example/7"
    quotes = [Quote("7", 1999, "EUR"), Quote("jp", 1200, "JPY"), Quote("free", 0, "USD"), Quote("gone", None, None)]
    assert [entry.quote for entry in found.entries] == quotes
    assert feed(path).prices(["jp", "gone", "unknown"]) == [quotes[1], quotes[3]]


def test_a_long_feed_comes_in_pages(write: Callable[[object], Path]) -> None:
    path = write([{"id": number, "name": f"Game {number}"} for number in range(2 * PAGE + 1)])

    pages = list(feed(path).catalogue(None, None))

    assert [len(page.entries) for page in pages] == [PAGE, PAGE, 1]
    assert [page.total for page in pages] == [2 * PAGE + 1] * 3
    assert pages[-1].cursor is None


BAD_GAMES: list[tuple[object, str]] = [
    ({"id": 1}, "games.1.name: is missing"),
    ({"id": 1, "name": None}, "games.1.name: must be a text"),
    ({"id": 1, "name": "\u0007"}, "games.1.name: must not be empty"),
    ({"id": 1, "name": "\ud800"}, "games.1.name: must not be empty"),
    ({"name": "A"}, "games.1.id: is missing"),
    *(
        ({"id": id, "name": "A"}, "games.1.id: must be a whole number or a text, of 1 to 100")
        for id in (True, None, 1.5)
    ),
    *(({"id": id, "name": "A"}, "games.1.id: must be a whole number or a text") for id in ([], "", "x" * 101, 10**100)),
    *(
        ({"id": 1, "name": "A", "price": price, "currency": "EUR"}, "games.1.price: must be a number such as 12.50")
        for price in (True, False, [], {}, [1], "soon", "", "\0")
    ),
    ({"id": 1, "name": "A", "price": -1, "currency": "EUR"}, "games.1.price: must not be negative"),
    ({"id": 1, "name": "A", "price": 1.999, "currency": "EUR"}, "games.1.price: must have at most 2 digits"),
    ({"id": 1, "name": "A", "price": 1e300, "currency": "EUR"}, "games.1.price: must be at most"),
    ({"id": 1, "name": "A", "price": 10**400, "currency": "EUR"}, "games.1.price: must be"),
    ({"id": 1, "name": "A", "price": 1}, "games.1.currency: is required with a price"),
    ({"id": 1, "name": "A", "currency": "euro"}, "games.1.currency: must be the code of a currency"),
    ({"id": 1, "name": "A", "currency": 7}, "games.1.currency: must be a text"),
    ({"id": 1, "name": "A", "url": "javascript:alert(1)"}, "games.1.url: must be an http or https URL"),
    ({"id": 1, "name": "A", "url": "https://a b"}, "games.1.url: must be an http or https URL"),
    ({"id": 1, "name": "A", "url": "https://a/\ud800"}, "games.1.url: must be valid Unicode"),
    ({"id": 1, "name": "A", "prize": 5}, "games.1.prize: is not known here"),
    ({"id": 0, "name": "A"}, "games.1.id: is there twice"),
    *((game, "games.1: must be an object") for game in ("A", None, 7, [], True)),
]


@pytest.mark.parametrize(("game", "reason"), BAD_GAMES)
def test_a_game_that_cannot_be_read_is_passed_over_and_told(
    write: Callable[[object], Path], game: object, reason: str
) -> None:
    source = feed(write([{"id": 0, "name": "Fine", "price": 1, "currency": "EUR"}, game, {"id": "z", "name": "Too"}]))

    [page] = source.catalogue(None, None)

    assert [entry.ref for entry in page.entries] == ["0", "z"]
    assert page.total == 2
    assert source.skipped.count == 1
    assert source.skipped.first[0].startswith(reason)
    assert source.prices(["0", "z"]) == [Quote("0", 100, "EUR"), Quote("z", None, None)]


def test_of_many_games_that_cannot_be_read_the_first_are_told(write: Callable[[object], Path]) -> None:
    source = feed(write([None] * (10 * MOST_TOLD)))

    assert source.prices(["1"]) == []
    assert (source.skipped.count, len(source.skipped.first)) == (10 * MOST_TOLD, MOST_TOLD)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
games = st.fixed_dictionaries(
    {}, optional={name: values | st.just("1") for name in ("id", "name", "price", "currency", "url", "more")}
)


@given(st.lists(games | values, max_size=5), st.dictionaries(st.text().filter(lambda name: name != "games"), values))
def test_whatever_stands_among_the_games_the_others_are_read(
    tmp_path: Path, odd: list[object], beside: dict[str, object]
) -> None:
    path = tmp_path / "odd.json"
    path.write_text(json.dumps({**beside, "games": [{"id": "first", "name": "A"}, *odd, {"id": "last", "name": "Z"}]}))
    source = feed(path)

    [page] = source.catalogue(None, None)

    assert {"first", "last"} <= {entry.ref for entry in page.entries}
    assert len(page.entries) + source.skipped.count == len(odd) + 2


def test_a_feed_at_a_url_is_read(serve: Callable[[Answer], str]) -> None:
    url = serve(page(b'{"games": [{"id": 1, "name": "A", "price": 5, "currency": "EUR"}]}'))

    assert feed(url).prices(["1"]) == [Quote("1", 500, "EUR")]


@pytest.mark.parametrize(
    ("answer", "error", "reason"),
    [
        (page(b"<!DOCTYPE html><p>Sign in"), SourceRefused, "expected .* at '<!DOCTYPE html><p>Sign in'"),
        (page(b"", 503), SourceFailed, "answered with status 503"),
        (raw(b"HTTP/1.0 200 OK\r\n\r\n", then_for_ever=b" "), SourceFailed, "took longer than 1 seconds"),
        (
            raw(b"HTTP/1.0 200 OK\r\nContent-Length: 1000000000\r\n\r\n", b'{"games": [' + b" " * 300_000),
            SourceRefused,
            "larger than 100000 bytes",
        ),
    ],
)
def test_an_answer_that_is_no_feed_is_refused_with_the_reason(
    serve: Callable[[Answer], str], answer: Answer, error: type[Exception], reason: str
) -> None:
    url = serve(answer)

    with pytest.raises(error, match=f"PRICES_FEED_URL: .*{reason}"):
        next(feed(url, feed_max_bytes=100_000).catalogue(None, None))


def test_a_private_address_is_not_asked() -> None:
    with pytest.raises(SourceRefused, match=r"PRICES_FEED_URL: .* not public"):
        feed("http://10.0.0.1/feed.json").prices(["1"])


def test_a_file_of_one_gigabyte_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        os.truncate(file.fileno(), 10**9)

    with pytest.raises(SourceRefused, match=r"huge.json is larger than 33554432 bytes"):
        feed(path).prices(["1"])


@pytest.mark.parametrize(
    ("place", "error", "reason"),
    [
        ("", SourceRefused, "is not set"),
        ("/dev/zero", SourceRefused, "is not a file"),
        ("/nowhere/feed.json", SourceRefused, "is not a file"),
    ],
)
def test_a_place_without_a_feed_is_named(place: str, error: type[Exception], reason: str) -> None:
    with pytest.raises(error, match=f"PRICES_FEED_URL: .*{reason}"):
        feed(place).prices(["1"])
