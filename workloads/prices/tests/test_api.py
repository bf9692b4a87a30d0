"""The API of prices: games found as people type, watches, alerts."""

from typing import Any
from uuid import uuid4

import pytest

from bellhop_ledger.api import search_key
from tests.cast import TestUser
from tests.problems import fields_of
from tests.stack import Stack, wait_until
from workloads.prices.tests.feed import check, offer, put

GAMES = "/api/prices/games"
WATCHES = "/api/prices/watches"


def add_game(stack: Stack, name: str, amount: int | None = None, currency: str | None = None) -> int:
    """Add a game to the catalogue and give its id."""
    query = """INSERT INTO prices.games (source, ref, name, search, amount, currency, checked_at)
               VALUES ('feed', %s, %s, %s, %s, %s, CASE WHEN %s THEN now() END) RETURNING id"""
    [(id,)] = stack.sql(query, uuid4().hex, name, search_key(name), amount, currency, amount is not None)
    return int(id)


def found(stack: Stack, typed: str) -> list[str]:
    return [game["name"] for game in stack.client().get(GAMES, params={"q": typed}).json()["games"]]


def watch(user: TestUser, game: int, threshold: int = 1000, **more: Any) -> dict[str, Any]:
    answer = user.http.post(WATCHES, json={"game_id": game, "threshold": threshold, **more})
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def test_games_are_found_as_people_type_the_closest_first(stack: Stack) -> None:
    names = ["Zyrqon", "Zyrqon II: Élan", "The Zyrqon", "Unzyrqoned", "Zyrqan", "Else"]
    for name in names:
        add_game(stack, name)

    assert found(stack, "zyrqon") == ["Zyrqon", "Zyrqon II: Élan", "The Zyrqon", "Unzyrqoned", "Zyrqan"]
    assert found(stack, "ZYRQON ii elan")[0] == "Zyrqon II: Élan"
    assert found(stack, "zyrqom")[0] == "Zyrqon"
    assert "Zyrqan" in found(stack, "zy")
    assert not set(names) & {*found(stack, "%"), *found(stack, "_")}


@pytest.mark.parametrize("name", ["龍が如く", "Ведьмак", "크레이지", "🐉🔥", "!?!", "ΩMEGA", "مدينة"])
def test_names_in_every_script_are_found_by_a_part(stack: Stack, name: str) -> None:
    add_game(stack, name)

    assert name in found(stack, name[:2])
    assert name in found(stack, name)


@pytest.mark.parametrize("query", [{}, {"q": ""}, {"q": "x" * 201}, {"q": "a", "p": "b"}])
def test_a_search_that_cannot_be_is_refused(stack: Stack, query: dict[str, str]) -> None:
    assert stack.client().get(GAMES, params=query).status_code == 422


def test_a_game_and_its_history_are_open_to_everybody(stack: Stack) -> None:
    id = add_game(stack, "Elsewhere", 999, "EUR")
    for amount in (1999, None, 999):
        stack.sql(
            "INSERT INTO prices.prices (game_id, seen_at, amount, currency) VALUES (%s, clock_timestamp(), %s, 'EUR')",
            id,
            amount,
        )

    game = stack.client().get(f"{GAMES}/{id}").json()
    first = stack.client().get(f"{GAMES}/{id}/history", params={"limit": 2}).json()
    second = stack.client().get(f"{GAMES}/{id}/history", params={"limit": 2, "cursor": first["next_cursor"]}).json()

    assert (game["name"], game["amount"], game["currency"]) == ("Elsewhere", 999, "EUR")
    assert [price["amount"] for page in (first, second) for price in page["prices"]] == [999, None, 1999]
    assert second["next_cursor"] is None


@pytest.mark.parametrize("path", ["/0", "/x", f"/{2**63}", "/-1"])
def test_what_is_no_number_of_a_game_is_refused(stack: Stack, path: str) -> None:
    assert stack.client().get(GAMES + path).status_code == 422


@pytest.mark.parametrize("path", [f"/{2**63 - 1}", f"/{2**63 - 1}/history"])
def test_a_game_that_does_not_exist_is_not_found(stack: Stack, path: str) -> None:
    assert stack.client().get(GAMES + path).status_code == 404


def test_a_watch_is_made_changed_and_ended(stack: Stack) -> None:
    user, game = stack.user(), add_game(stack, "Elsewhere", 1999, "EUR")

    made = watch(user, game)
    changed = user.http.patch(f"{WATCHES}/{made['id']}", json={"threshold": 500}).json()
    listed = user.http.get(WATCHES).json()["watches"]
    ended = user.http.delete(f"{WATCHES}/{made['id']}")

    assert (made["threshold"], made["currency"], made["armed"]) == (1000, "EUR", True)
    assert changed == made | {"threshold": 500} == listed[0]
    assert (ended.status_code, ended.content) == (204, b"")
    assert user.http.get(WATCHES).json() == {"watches": []}


def test_a_game_is_watched_once_by_a_person_and_by_many_people(stack: Stack) -> None:
    user, game = stack.user(), add_game(stack, "Elsewhere", 1999, "EUR")
    watch(user, game)
    watch(stack.user(), game)

    again = user.http.post(WATCHES, json={"game_id": game, "threshold": 5})

    assert again.status_code == 409
    assert again.json()["detail"] == "You watch this game already; change that watch."


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ('{"threshold": -1}', "threshold"),
        ('{"threshold": 1e400}', "threshold"),
        ('{"threshold": 9.99}', "threshold"),
        ('{"threshold": "999"}', "threshold"),
        ('{"threshold": 1000000000001}', "threshold"),
        ('{"threshold": null}', "threshold"),
        ("{}", "threshold"),
        ('{"threshold": 5, "currency": "USD"}', "currency"),
        ('{"threshold": 5, "currency": "euro"}', "currency"),
    ],
)
def test_a_threshold_that_is_no_price_of_the_game_is_refused_by_name(stack: Stack, body: str, field: str) -> None:
    user, game = stack.user(), add_game(stack, "Elsewhere", 1999, "EUR")
    whole = body.replace("{", f'{{"game_id": {game}' + (", " if body != "{}" else ""), 1)

    answer = user.http.post(WATCHES, content=whole, headers={"Content-Type": "application/json"})

    assert (answer.status_code, fields_of(answer)) == (422, [field])
    assert user.http.get(WATCHES).json() == {"watches": []}


def test_a_watch_belongs_to_one_person(stack: Stack) -> None:
    made = watch(stack.user(), add_game(stack, "Elsewhere", 1999, "EUR"))
    other = stack.user()

    change = other.http.patch(f"{WATCHES}/{made['id']}", json={"threshold": 5})
    end = other.http.delete(f"{WATCHES}/{made['id']}")

    assert (change.status_code, end.status_code) == (404, 404)
    assert stack.http.get(WATCHES).status_code == 403
    assert stack.client().get(WATCHES).status_code == 401


def test_a_threshold_under_a_price_that_was_told_arms_the_watch_again(stack: Stack) -> None:
    user, game = stack.user(), add_game(stack, "Elsewhere", 700, "EUR")
    made = watch(user, game)
    stack.sql("UPDATE prices.watches SET armed = false WHERE id = %s", made["id"])

    armed = [
        user.http.patch(f"{WATCHES}/{made['id']}", json={"threshold": threshold}).json()["armed"]
        for threshold in (800, 700, 699, 800)
    ]

    assert armed == [False, False, True, True]


def test_the_first_watch_of_a_game_needs_a_currency_and_brings_its_price(stack: Stack) -> None:
    user, (_, game) = stack.user(), offer(stack, 19.99)
    stack.sql("UPDATE prices.games SET amount = NULL, currency = NULL, checked_at = NULL WHERE id = %s", game)

    without = user.http.post(WATCHES, json={"game_id": game, "threshold": 5})
    watch(user, game, 5, currency="EUR")

    assert (without.status_code, fields_of(without)) == (422, ["currency"])
    wait_until(lambda: stack.http.get(f"{GAMES}/{game}").json()["amount"] == 1999)


def test_a_price_that_falls_in_the_feed_is_one_mail(stack: Stack) -> None:
    user, (name, game) = stack.user(), offer(stack, 19.99)
    watch(user, game, 1000)

    for price in (10.00, 9.50):
        put(stack, name, price=price)
        check(stack)

    [alert] = wait_until(lambda: user.http.get("/api/prices/alerts").json()["alerts"])
    [mail] = stack.http.get("/api/mails", params={"to": user.email}).json()["mails"]
    assert (alert["amount"], alert["threshold"], alert["name"]) == (1000, 1000, name)
    assert mail["subject"] == f"{name} costs 10.00 EUR"
    assert f"/prices/{game}" in mail["text"]
