"""Prices, for tests of the whole."""

from uuid import uuid4

import httpx

from tests.samples import Samples
from tests.stack import Stack


def a_game(stack: Stack) -> int:
    """Add a game that nobody has looked at."""
    name = uuid4().hex
    query = "INSERT INTO prices.games (source, ref, name, search) VALUES ('feed', %s, %s, %s) RETURNING id"
    return int(stack.sql(query, name, name, name)[0][0])


def a_watch(stack: Stack, http: httpx.Client) -> httpx.Response:
    return http.post("/api/prices/watches", json={"game_id": a_game(stack), "threshold": 1, "currency": "EUR"})


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
    live=lambda stack: [f"/prices/{a_game(stack)}"],
)
