"""The catalogue of games: taken over page by page, and searchable."""

from collections.abc import Iterator

import psutil
import pytest

from bellhop_ledger.budgets import CallBudget
from bellhop_prices.bodies.catalogue import refresh
from bellhop_prices.bodies.check import check
from bellhop_prices.bodies.sources import CataloguePage, TooSoon, open_source
from bellhop_prices.bodies.sources.steam import Steam
from bellhop_prices.settings import PricesSettings, PricesSource
from bellhop_prices.tasks import Checked
from tests.stack import Stack
from workloads.prices.tests.market import Shop
from workloads.prices.tests.steam import fake_steam

MANY = 200_000
MEGABYTE = 2**20


@pytest.fixture
def empty(servers: Stack) -> Stack:
    """No game, no source."""
    servers.sql("TRUNCATE prices.games, prices.sources, call_budgets CASCADE")
    return servers


def quiet(*progress: object) -> None:
    """Report to nobody."""


def names(stack: Stack) -> list[str]:
    return [str(row[0]) for row in stack.sql("SELECT name FROM prices.games ORDER BY ref")]


def test_an_installation_without_a_source_refreshes_nothing_and_checks_nothing(empty: Stack) -> None:
    nowhere = open_source(PricesSettings(source=PricesSource.NONE))

    assert refresh(nowhere, quiet) == 0
    assert check(nowhere).model_dump() == Checked().model_dump()
    assert names(empty) == []


def test_a_refresh_takes_over_every_page_and_says_how_far_it_is(empty: Stack) -> None:
    shop, seen = Shop(), []
    shop.put(["Elsewhere", "龍が如く"], ["Pokémon"])

    games = refresh(shop, lambda *progress: seen.append(progress))

    assert games == 3
    assert names(empty) == ["Elsewhere", "龍が如く", "Pokémon"]
    assert seen == [(2, None, "games"), (3, None, "games")]


def test_a_refresh_that_broke_off_goes_on_with_the_page_that_is_missing(empty: Stack) -> None:
    shop = Shop()
    shop.put(["First"], ["Second"], ["Third"])

    def break_off(games: int, *rest: object) -> None:
        if games == 2:
            raise ConnectionError

    with pytest.raises(ConnectionError):
        refresh(shop, break_off)
    again = refresh(shop, quiet)

    assert again == 1
    assert names(empty) == ["First", "Second", "Third"]
    assert empty.sql("SELECT cursor, refreshed_at = started_at FROM prices.sources") == [(None, True)]


def test_the_next_refresh_asks_for_what_changed_since_the_last_one_began(empty: Stack) -> None:
    shop = Shop()
    shop.put(["Old name"])
    refresh(shop, quiet)
    [(began,)] = empty.sql("SELECT refreshed_at FROM prices.sources")

    shop.pages.clear()
    shop.put(["New name", "Another"])
    refresh(shop, quiet)

    assert shop.since == began
    assert names(empty) == ["New name", "Another"]


def test_a_game_that_is_there_twice_and_one_that_did_not_change_cost_nothing(empty: Stack) -> None:
    shop = Shop()
    shop.put(["Same"])
    refresh(shop, quiet)
    before = empty.sql("SELECT id, xmin::text FROM prices.games")

    shop.pages = [CataloguePage([*shop.pages[0].entries] * 2, None)]
    refresh(shop, quiet)

    assert empty.sql("SELECT id, xmin::text FROM prices.games") == before


def test_a_source_that_wants_a_pause_in_the_middle_keeps_what_was_taken_over(empty: Stack) -> None:
    class Tired(Shop):
        def catalogue(self, cursor: str | None, since: object) -> Iterator[CataloguePage]:
            yield self.pages[0]
            raise TooSoon(5)

    shop = Tired()
    shop.put(["First"], ["Second"])

    with pytest.raises(TooSoon):
        refresh(shop, quiet)

    assert names(empty) == ["First"]
    assert empty.sql("SELECT cursor FROM prices.sources") == [("1",)]


@pytest.mark.long
def test_two_hundred_thousand_games_never_stand_in_memory_together(empty: Stack) -> None:
    process, sizes = psutil.Process(), []
    with fake_steam() as server:
        server.count = MANY
        source = Steam(server.settings(), CallBudget("steam", most=200, seconds=300), server.allowed)

        games = refresh(source, lambda *progress: sizes.append(process.memory_info().rss))

    assert games == MANY
    assert empty.sql("SELECT count(*) FROM prices.games") == [(MANY,)]
    assert max(sizes) - sizes[0] < 30 * MEGABYTE  # all of them together would take three times as much
