"""Games: how they read from outside, and what they cost over time."""

from typing import Annotated, Any

from pydantic import BaseModel, Field
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from bellhop.errors import NotFound
from bellhop_prices.settings import PricesSettings
from bellhop_prices.tables import Game, Price
from bellhop_web.plugin import InvalidCursor, PageQuery, Utc

RECENT = 500
"""Rows among which the latest changes are looked for: most rows are first prices, which changed nothing."""
CHANGES = text(f"""
    SELECT g.id, g.name, p.amount, p.currency, p.seen_at, b.amount AS was, b.currency AS was_currency
    FROM (SELECT * FROM prices.prices ORDER BY id DESC LIMIT {RECENT}) p
    JOIN prices.games g ON g.id = p.game_id AND g.source = :source
    CROSS JOIN LATERAL (SELECT amount, currency FROM prices.prices WHERE game_id = p.game_id AND id < p.id
                        ORDER BY id DESC LIMIT 1) b
    ORDER BY p.id DESC LIMIT :most
""")  # noqa: S608
LARGEST_ID = 2**63 - 1
GameId = Annotated[int, Field(ge=1, le=LARGEST_ID)]


class NoSuchGame(NotFound):
    """There is no game with this id."""


class PriceView(BaseModel):
    """What a game cost from a moment on."""

    amount: int | None = Field(description="In minor units: 1999 is 19.99 EUR; null: it was not for sale")
    currency: str | None = Field(description="ISO 4217; null for what is free and never cost anything")
    seen_at: Utc = Field(description="When this price was seen first")


class GameView(BaseModel):
    """A game and its price."""

    id: int
    name: str
    url: str | None = Field(description="Where it is sold")
    amount: int | None = Field(description="The price in minor units; null: not known, or not for sale")
    currency: str | None
    checked_at: Utc | None = Field(description="When the price was looked at last; null: never, for nobody watches it")


class GamesView(BaseModel):
    """Games, the closest to what was asked for first."""

    games: list[GameView]


class HistoryView(BaseModel):
    """Changes of a price, the latest first."""

    prices: list[PriceView]
    next_cursor: str | None = Field(description="Give it as `cursor` to get the next page; null on the last one")


class HistoryQuery(PageQuery):
    """Which changes."""

    list_name = "prices"


def view(game: Any) -> GameView:
    """Show a game, or a row of one."""
    return GameView.model_construct(**{name: getattr(game, name) for name in GameView.model_fields})


def get_game(db: Session, id: int, *, lock: bool = False) -> Game:
    """Return a game; with `lock` its price stays as it is until the transaction ends. Raises NoSuchGame."""
    game = db.get(Game, id, with_for_update={"read": True} if lock else None) if id <= LARGEST_ID else None
    if game is None:
        raise NoSuchGame
    return game


def history(db: Session, game_id: int, query: HistoryQuery) -> HistoryView:
    """Return one page of the changes of a game's price. Raises NoSuchGame."""
    get_game(db, game_id)
    wanted = select(Price).where(Price.game_id == game_id).order_by(Price.id.desc()).limit(query.rows_to_read)
    rows = db.scalars(wanted.where(Price.id < _place(query)) if query.cursor else wanted).all()
    shown, cursor = query.page_of(rows, lambda row: [str(row.id)])
    return HistoryView(prices=[_price(row) for row in shown], next_cursor=cursor)


def latest_changes(db: Session, most: int) -> list[Any]:
    """Return the games whose price has changed lately, each change with the price before it."""
    return list(db.execute(CHANGES, {"source": PricesSettings.load().source.value, "most": most}))


def _place(query: HistoryQuery) -> int:
    place = query.place()
    if len(place) != 1 or not place[0].isdecimal():
        raise InvalidCursor
    return int(place[0])


def _price(row: Price) -> PriceView:
    return PriceView.model_construct(amount=row.amount, currency=row.currency, seen_at=row.seen_at)
