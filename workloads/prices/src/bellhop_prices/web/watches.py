"""Watches: who wants to be told when a game costs how little, and who was."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bellhop.errors import Conflict, Fault, Invalid, NotFound
from bellhop_ledger.api import Amount, Currency, NewJob, uuid7
from bellhop_prices.tables import Alert, Game, Watch
from bellhop_prices.tasks import check_prices
from bellhop_prices.web.views import GameId, GameView, get_game
from bellhop_prices.web.views import view as game_view
from bellhop_web.plugin import RequestBody, Utc, current_caller, note_act, submit_for

MOST = 1000
"""Watches that one person may have."""
LAST = 100
"""Alerts that are shown."""


class NoSuchWatch(NotFound):
    """You have no watch with this id."""


class AlreadyWatched(Conflict):
    """You watch this game already; change that watch."""


class TooManyWatches(Conflict):
    """You watch as many games as one person may; stop watching one of them first."""


class Threshold(RequestBody):
    """At which price you want to be told."""

    threshold: Amount
    currency: Currency | None = Field(default=None, description="That of the game's price; may be left out")


class NewWatch(Threshold):
    """A game, and at which price you want to be told."""

    game_id: GameId


class WatchView(BaseModel):
    """A watch."""

    id: UUID
    game: GameView
    threshold: int = Field(description="You are told at this price, in minor units, or below")
    currency: str
    armed: bool = Field(description="Whether a price that low would be news; not after an alert until it has risen")
    created_at: Utc


class WatchesView(BaseModel):
    """Your watches, the latest first."""

    watches: list[WatchView]


class AlertView(BaseModel):
    """A mail that told you of a price."""

    id: UUID
    game_id: int
    name: str
    amount: int = Field(description="What the game cost, in minor units")
    threshold: int = Field(description="The watch's threshold at that moment")
    currency: str
    created_at: Utc


class AlertsView(BaseModel):
    """Your last alerts, the latest first."""

    alerts: list[AlertView]


def open_watch(db: Session, user_id: UUID, new: NewWatch) -> WatchView:
    """Watch a game. Raises NoSuchGame, Invalid, AlreadyWatched,
    TooManyWatches and TooManyUnfinished.

    A game that nobody has looked at yet is looked at now.
    """
    game = get_game(db, new.game_id, lock=True)
    if (db.scalar(select(func.count()).where(Watch.user_id == user_id)) or 0) >= MOST:
        raise TooManyWatches
    facts = {"threshold": new.threshold, "currency": currency_for(game, new.currency)}
    row = insert(Watch).values(id=uuid7(), user_id=user_id, game_id=game.id, **facts)
    watch = db.scalar(row.on_conflict_do_nothing().returning(Watch))
    if watch is None:
        raise AlreadyWatched
    note_act(db, "watch.created", "watch", watch.id, game=game.id)
    if game.checked_at is None:
        submit_for(db, current_caller(), [NewJob(check_prices, {})])
    return view(watch, game)


def change_watch(db: Session, user_id: UUID, id: UUID, change: Threshold) -> WatchView:
    """Set another threshold. Raises NoSuchWatch and Invalid.

    Who was told of the present price already is not told again, unless it is above the new
    threshold now. The game is locked first: while its price changes, nobody knows which it is.
    """
    owned = (Watch.id == id, Watch.user_id == user_id)
    known = db.execute(select(Watch.game_id, Watch.currency).where(*owned)).first()
    if known is None:
        raise NoSuchWatch
    game = get_game(db, known.game_id, lock=True)
    currency = currency_for(game, change.currency or game.currency or known.currency)
    is_above: bool = game.amount is not None and game.currency == currency and game.amount > change.threshold
    changed = (
        update(Watch)
        .where(*owned)
        .values(threshold=change.threshold, currency=currency, armed=or_(Watch.armed, literal(is_above)))
    )
    watch = db.scalar(changed.returning(Watch))
    if watch is None:
        raise NoSuchWatch
    note_act(db, "watch.changed", "watch", id, game=game.id)
    return view(watch, game)


def end_watch(db: Session, user_id: UUID, id: UUID) -> None:
    """Stop watching. Raises NoSuchWatch."""
    watch = get_watch(db, id)
    if watch.user_id != user_id:
        raise NoSuchWatch
    note_act(db, "watch.deleted", "watch", id, game=watch.game_id)
    db.delete(watch)


def get_watch(db: Session, id: UUID) -> Watch:
    """Return a watch, whoever's it is. Raises NoSuchWatch."""
    watch = db.get(Watch, id)
    if watch is None:
        raise NoSuchWatch
    return watch


def currency_for(game: Game, given: str | None) -> str:
    """Return the currency of a threshold for this game. Raises Invalid when it is not the price's."""
    if game.currency is None and given is None:
        raise Invalid(faults=[Fault("currency", "is required, for the price of this game is not known yet")])
    if game.currency is not None and given not in {None, game.currency}:
        raise Invalid(faults=[Fault("currency", f"must be {game.currency}, as the game's price is")])
    return game.currency or given or ""


def watches_of(db: Session, user_id: UUID) -> list[WatchView]:
    """Return a person's watches, the latest first."""
    query = select(Watch, Game).join(Game, Game.id == Watch.game_id).where(Watch.user_id == user_id)
    return [view(watch, game) for watch, game in db.execute(query.order_by(Watch.created_at.desc(), Watch.id))]


def alerts_of(db: Session, user_id: UUID, game_id: int | None = None) -> Sequence[AlertView]:
    """Return a person's last alerts, perhaps of one game only."""
    query = select(Alert, Game.name).join(Game, Game.id == Alert.game_id).where(Alert.user_id == user_id)
    if game_id is not None:
        query = query.where(Alert.game_id == game_id)
    rows = db.execute(query.order_by(Alert.created_at.desc(), Alert.id).limit(LAST))
    return [_alert(alert, name) for alert, name in rows]


def view(watch: Watch, game: Game) -> WatchView:
    """Show a watch."""
    return WatchView(
        id=watch.id,
        game=game_view(game),
        threshold=watch.threshold,
        currency=watch.currency,
        armed=watch.armed,
        created_at=watch.created_at,
    )


def _alert(alert: Alert, name: str) -> AlertView:
    facts = {field: getattr(alert, field) for field in AlertView.model_fields if field != "name"}
    return AlertView(name=name, **facts)
