"""Checks of prices: every change is a row, and a fall to the threshold is one mail."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from bellhop_ledger.platform.clock import now
from bellhop_ledger.platform.database import transaction
from bellhop_prices.bodies.check import check
from bellhop_prices.bodies.observation import observe
from bellhop_prices.bodies.sources import Quote, TooSoon
from bellhop_prices.tables import Game, Watch
from tests.stack import Stack, wait_until
from workloads.prices.tests.market import Shop, game, see, watch


@pytest.fixture(autouse=True)
def market(servers: Stack) -> Stack:
    """No game, nobody who watches, no mail."""
    servers.sql("TRUNCATE prices.games, prices.sources, users, jobs, mails CASCADE")
    return servers


def prices(stack: Stack, game: Game) -> list[int | None]:
    return [row[0] for row in stack.sql("SELECT amount FROM prices.prices WHERE game_id = %s ORDER BY id", game.id)]


def alerts(stack: Stack) -> list[int]:
    """What games cost when somebody was told, each with its mail."""
    query = "SELECT amount FROM prices.alerts JOIN mails ON mails.id = mail_id ORDER BY alerts.created_at"
    return [row[0] for row in stack.sql(query)]


def test_every_change_of_a_price_is_a_row_and_nothing_else_is(market: Stack) -> None:
    elsewhere = game()

    for amount in (1999, 1999, 999, None, None, 999):
        see(elsewhere, amount)

    assert prices(market, elsewhere) == [1999, 999, None, 999]


def test_a_price_that_comes_down_to_the_threshold_is_one_mail_until_it_was_above_again(market: Stack) -> None:
    elsewhere = game()
    watch(elsewhere, 1000)

    told = [see(elsewhere, amount) for amount in (1999, 1000, 900, 1000, None, 900, 1001, 999, 999)]

    assert told == [0, 1, 0, 0, 0, 0, 0, 1, 0]
    assert alerts(market) == [1000, 999]


def test_a_price_that_is_below_already_is_told_at_the_next_check(market: Stack) -> None:
    elsewhere = game()
    see(elsewhere, 500)
    watch(elsewhere, 1000)

    assert [see(elsewhere, 500), see(elsewhere, 500)] == [1, 0]


def test_a_game_that_becomes_free_is_news_whatever_the_currency(market: Stack) -> None:
    elsewhere = game(amount=1999, currency="EUR")
    watch(elsewhere, 0)

    assert see(elsewhere, 0, None) == 1
    assert market.sql("SELECT amount, currency FROM prices.games") == [(0, "EUR")]


def test_a_price_in_another_currency_is_not_compared(market: Stack) -> None:
    elsewhere = game(amount=1999, currency="EUR")
    watch(elsewhere, 1000)

    assert [see(elsewhere, 5, "USD"), see(elsewhere, 999, "EUR")] == [0, 1]
    assert prices(market, elsewhere) == [5, 999]


def test_everybody_who_waits_is_told_once_and_those_who_wait_for_less_are_not(market: Stack) -> None:
    elsewhere = game(name="Elsewhere")
    for threshold in (100, 500, 1000):
        watch(elsewhere, threshold)

    assert see(elsewhere, 500) == 2
    mails = market.sql("SELECT recipient, subject FROM mails")
    assert len({recipient for recipient, _ in mails}) == 2
    assert {subject for _, subject in mails} == {"Elsewhere costs 5.00 EUR"}


def test_somebody_whose_account_was_disabled_is_not_told(market: Stack) -> None:
    elsewhere = game()
    watch(elsewhere, 1000)
    market.sql("UPDATE users SET disabled_at = now()")

    assert see(elsewhere, 500) == 0


def test_an_answer_that_comes_late_changes_nothing(market: Stack) -> None:
    elsewhere, asked_at = game(), now()
    watch(elsewhere, 1000)
    see(elsewhere, 900, asked_at=asked_at)

    told = [see(elsewhere, 1999, asked_at=asked_at - timedelta(seconds=1)), see(elsewhere, 900)]

    assert told == [0, 0]
    assert prices(market, elsewhere) == [900]


def test_two_checks_at_once_tell_a_fall_once(market: Stack) -> None:
    elsewhere = game(ref="1")
    watch(elsewhere, 1000)
    told: list[int] = []
    with transaction() as db:
        told.append(observe(db, "feed", [Quote("1", 900, "EUR")], now())[1])
        other = threading.Thread(target=lambda: told.append(see(elsewhere, 900)))
        other.start()
        wait_until(lambda: market.sql("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"))
    other.join()

    assert sorted(told) == [0, 1]
    assert (prices(market, elsewhere), alerts(market)) == ([900], [900])


def test_an_observation_that_is_rolled_back_leaves_no_mail_and_loses_no_alert(market: Stack) -> None:
    elsewhere = game(ref="1")
    watch(elsewhere, 1000)

    with pytest.raises(ZeroDivisionError), transaction() as db:
        assert observe(db, "feed", [Quote("1", 900, "EUR")], now())[1] / 0

    assert (prices(market, elsewhere), alerts(market)) == ([], [])
    assert see(elsewhere, 900) == 1


def test_a_check_asks_for_watched_games_in_batches_and_not_once_a_watcher(market: Stack) -> None:
    shop = Shop(a=1999, b=500, c=100)
    for found in [game(ref=ref, source="shop") for ref in "abc"]:
        watch(found, 600)
        watch(found, 300)
    game(ref="unwatched", source="shop")
    watch(game(ref="elsewhere", source="other"), 600)

    checked = check(shop)

    assert shop.asked == [["a", "b"], ["c"]]
    assert (checked.games, checked.changes, checked.alerts, checked.left) == (3, 3, 3, 0)


def test_a_game_of_which_the_source_knows_nothing_is_asked_for_once(market: Stack) -> None:
    shop = Shop()
    watch(game(ref="gone", source="shop"), 600)

    assert check(shop).games == 1
    assert shop.asked == [["gone"]]


def test_a_price_that_is_fresh_is_not_asked_for(market: Stack) -> None:
    shop = Shop(a=5)
    shop.freshness = 3600
    watch(game(ref="a", source="shop"), 600)

    assert [check(shop).games, check(shop).games] == [1, 0]


def test_a_check_that_may_not_ask_on_leaves_the_rest_to_the_next_one(market: Stack) -> None:
    class Tired(Shop):
        def prices(self, refs: list[str]) -> list[Quote]:  # type: ignore[override]
            if len(self.asked) == 1:
                self.asked.append([])
                raise TooSoon(5)
            return super().prices(refs)

    shop = Tired(a=1, b=2, c=3)
    for ref in "abc":
        watch(game(ref=ref, source="shop"), 600)

    first, second = check(shop), check(shop)

    assert (first.games, first.left) == (2, 1)
    assert second.games == 3
    assert shop.asked[2][0] == "c"


@pytest.mark.parametrize("fact", ["amount = -1", "amount = 5, currency = NULL", "currency = 'euro'", "name = ''"])
def test_the_database_refuses_what_is_no_price(market: Stack, fact: str) -> None:
    game(amount=5, currency="EUR")

    with pytest.raises(Exception, match="check constraint"):
        market.sql(f"UPDATE prices.games SET {fact}")


def test_a_person_watches_a_game_once(market: Stack) -> None:
    first = watch(game(), 5)

    with pytest.raises(IntegrityError), transaction() as db:
        db.add(Watch(user_id=first.user_id, game_id=first.game_id, threshold=6, currency="EUR"))
