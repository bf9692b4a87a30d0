"""What the demo does to files and mails that are not its own."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from bellhop_demo.client import Bellhop
from bellhop_demo.errors import DemoError
from bellhop_demo.feed import GAME, Feed
from bellhop_demo.mailbox import Letter
from bellhop_demo.people import Newcomer
from bellhop_demo.scenes.fetches import PAGES, show_fetches
from bellhop_demo.stage import Stage

FEED = '{"games": [{"id": 1, "name": "Lobby",   "price": 6.99, "currency": "USD"}]}\n'


class Postman:
    """A mailbox in which one letter lies."""

    name = "the postman's bag"

    def __init__(self, text: str):
        self.text = text

    def letters(self, to: str) -> list[Letter]:
        return [Letter("Welcome", self.text)]


class Impatient(Bellhop):
    """A Bellhop in which somebody cancels a fetch before any of its pages has begun."""

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        self.urls = body["urls"]
        return {"id": "1"}

    def get(self, path: str, **query: str | int) -> dict[str, Any]:
        page = {"status": None, "bytes": None, "error": None, "state": "cancelled"}
        return {"state": "done", "speed_up": None, "pages": [page | {"url": url} for url in self.urls]}


@pytest.fixture
def feed_file(tmp_path: Path) -> Path:
    path = tmp_path / "feed.json"
    path.write_text(FEED)
    return path


def test_the_demos_game_stands_in_the_feed_beside_the_others_and_once(feed_file: Path) -> None:
    feed = Feed(str(feed_file))

    feed.offer("29.99", "EUR")
    feed.offer("14.99", "EUR")

    games = json.loads(feed_file.read_text())["games"]
    assert [(game["id"], game["price"]) for game in games] == [(1, 6.99), (GAME, "14.99")]


def test_the_feed_is_left_as_it_was_although_an_act_fails(feed_file: Path) -> None:
    feed = Feed(f"file://{feed_file}")

    with suppress(DemoError), feed.kept():
        feed.offer("29.99", "EUR")
        raise DemoError("on purpose")

    assert feed_file.read_text() == FEED
    assert list(feed_file.parent.iterdir()) == [feed_file]


@pytest.mark.parametrize("url", ["", "https://prices.example/feed.json"])
def test_a_feed_that_cannot_be_edited_is_named(url: str) -> None:
    with pytest.raises(DemoError, match="PRICES_FEED_URL must be a file"):
        Feed(url)


def test_a_mail_without_a_link_ends_the_demo_with_its_subject() -> None:
    ada = Newcomer("http://127.0.0.1:9", Postman("Nothing to see here"), "ada")

    with ada, pytest.raises(DemoError, match="no link with a token in the mail 'Welcome'"):
        ada.confirm(ada.letter())


def test_a_fetch_of_which_no_page_has_begun_is_told_page_by_page() -> None:
    with Impatient("http://127.0.0.1:9") as bellhop:
        faults = show_fetches(bellhop, Stage(), "http://127.0.0.1:9")

    assert len(faults) == len(PAGES)
    assert all("gave (None, None)" in fault for fault in faults)
