"""The feed of a stack, edited by a test."""

import json
from typing import Any
from uuid import uuid4

from tests.stack import Stack


def put(stack: Stack, name: str | None = None, **facts: Any) -> str:
    """Put a game with a new name into the feed, or other facts of one that is there, and give its name."""
    name = name or f"Game {uuid4().hex[:12]}"
    games = [game for game in json.loads(stack.feed.read_text())["games"] if game["name"] != name]
    games.append({"id": name, "name": name, "currency": "EUR", **facts})
    draft = stack.feed.with_suffix(".draft")
    draft.write_text(json.dumps({"games": games}))
    draft.replace(stack.feed)
    return name


def offer(stack: Stack, price: float) -> tuple[str, int]:
    """Put a new game into the feed and the catalogue and give its name and id."""
    name = put(stack, price=price)
    assert stack.ended(stack.submit("prices.refresh_catalogue")["id"])["state"] == "succeeded"
    [(id,)] = stack.sql("SELECT id FROM prices.games WHERE name = %s", name)
    return name, int(id)


def check(stack: Stack) -> None:
    """Look at the prices now."""
    assert stack.ended(stack.submit("prices.check_prices")["id"])["state"] == "succeeded"
