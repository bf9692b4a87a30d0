"""Prices, for tests of the whole."""

from uuid import uuid4

import httpx

from tests.cast import TestUser
from tests.integration.test_pages_forms import sent, token_in
from tests.samples import Do, Samples
from tests.stack import Stack


def a_game(stack: Stack) -> int:
    """Add a game that nobody has looked at."""
    name = uuid4().hex
    query = "INSERT INTO prices.games (source, ref, name, search) VALUES ('feed', %s, %s, %s) RETURNING id"
    return int(stack.sql(query, name, name, name)[0][0])


def a_watch(stack: Stack, http: httpx.Client) -> httpx.Response:
    return http.post("/api/prices/watches", json={"game_id": a_game(stack), "threshold": 1, "currency": "EUR"})


def on_a_watch(verb: str, **body: object) -> Do:
    """Change a watch of one's own by the API."""

    def act(stack: Stack, user: TestUser, browser: httpx.Client) -> httpx.Response:
        path = f"/api/prices/watches/{a_watch(stack, user.http).json()['id']}"
        return user.http.request(verb, path, **({"json": body} if body else {}))

    return act


def set_on_its_page(stack: Stack, user: TestUser, browser: httpx.Client) -> httpx.Response:
    return sent(browser, f"/prices/{a_game(stack)}", threshold="12.50", currency="EUR")


def stopped_on_its_page(stack: Stack, user: TestUser, browser: httpx.Client) -> httpx.Response:
    page = f"/prices/{a_watch(stack, user.http).json()['game']['id']}"
    return browser.post(f"{page}/stop", data={"csrf_token": token_in(browser.get(page).text)})


def run_on_the_page(verb: str) -> Do:
    """Press a button that operators have."""
    return lambda stack, user, browser: browser.post(
        f"/prices/{verb}", data={"csrf_token": token_in(browser.get("/prices").text)}
    )


samples = Samples(
    asks={"a watch": a_watch},
    pages=("/prices",),
    tasks=("prices.check_prices", "prices.refresh_catalogue"),
    operations=(
        "search_games",
        "show_game",
        "list_prices",
        "create_watch",
        "list_watches",
        "change_watch",
        "delete_watch",
        "list_alerts",
    ),
    public=("search_games", "show_game", "list_prices"),
    acts={
        "watches.create_watch": ("watch.created", lambda stack, user, browser: a_watch(stack, user.http)),
        "watches.change_watch": ("watch.changed", on_a_watch("PATCH", threshold=2)),
        "watches.delete_watch": ("watch.deleted", on_a_watch("DELETE")),
        "prices_pages.set_watch": ("watch.created", set_on_its_page),
        "prices_pages.stop": ("watch.deleted", stopped_on_its_page),
        "price_runs_pages.check": ("prices.checked", run_on_the_page("check")),
        "price_runs_pages.refresh": ("games.refreshed", run_on_the_page("refresh")),
    },
    live=lambda stack: [f"/prices/{a_game(stack)}"],
)
