"""What the pages of prices show of one game."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session

from bellhop_ledger.api import clock, currency_digits, major_units
from bellhop_prices.tables import Game, Price, Watch
from bellhop_prices.web import watches
from bellhop_prices.web.views import get_game
from bellhop_prices.web.watches import AlertView
from bellhop_web.plugin import line_chart

CHANGES = 200
"""Changes that a chart draws; the table shows the latest of them."""


def game_with_watch(db: Session, game_id: int, user_id: UUID | None) -> tuple[Game, Watch | None, Sequence[AlertView]]:
    """Return a game, and a person's watch of it and alerts. Raises NoSuchGame."""
    game = get_game(db, game_id)
    if user_id is None:
        return game, None, []
    watch = db.scalar(select(Watch).where(Watch.user_id == user_id, Watch.game_id == game_id))
    return game, watch, watches.alerts_of(db, user_id, game_id)


def game_view(db: Session, game: Game, threshold: int | None) -> dict[str, Any]:
    """Return what a page shows of a game to everybody who looks at it with this threshold."""
    latest = select(Price).where(Price.game_id == game.id).order_by(Price.id.desc()).limit(CHANGES)
    changes = list(db.scalars(latest))
    chart = price_chart(game, changes[::-1], threshold)
    return {"game": game, "changes": changes, "chart": chart, "threshold": threshold}


def price_chart(game: Game, changes: Sequence[Price], threshold: int | None) -> Markup:
    """Draw what the game cost in its present currency; the last price holds until it was looked at last."""
    currency = game.currency or ""
    same = [change for change in changes if change.currency == currency and change.amount is not None]
    points: list[tuple[datetime, float]] = [(change.seen_at, float(change.amount or 0)) for change in same]
    if points and game.amount is not None and points[-1][1] == game.amount:
        points.append((max(game.checked_at or clock.now(), points[-1][0]), float(game.amount)))
    step = 10 ** currency_digits(currency)

    def words(value: float) -> str:
        return f"{value / step:g}" if value % 1 or value != int(value) else major_units(int(value), currency)

    title = f"Price of {game.name} in {currency}"
    return line_chart(points, title=title, threshold=threshold, stepped=True, words=words, unit=step, least=1)
