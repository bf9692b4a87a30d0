"""Pages of prices: search, one game with its history, and what the reader watches."""

from typing import Any
from uuid import UUID

from flask import Response, render_template, request
from pydantic import Field
from werkzeug.wrappers import Response as AnyResponse

from bellhop.errors import Fault, Invalid
from bellhop_ledger.api import NotMoney, TypedCurrency, major_units, minor_units, transaction
from bellhop_prices.tables import Watch, in_words
from bellhop_prices.web import watches
from bellhop_prices.web.page_views import game_view, game_with_watch
from bellhop_prices.web.search import find_games
from bellhop_prices.web.views import get_game, latest_changes
from bellhop_prices.web.watches import NewWatch, Threshold
from bellhop_web.plugin import (
    Access,
    Caller,
    RequestBody,
    current_user_id,
    find_caller,
    flash,
    pages_blueprint,
    read_form,
    render,
    see_other,
    show_again,
    topic,
)

bp = pages_blueprint("prices", access=Access.USER, public=("index", "search", "show"))
bp.add_app_template_filter(in_words, "price")
bp.add_app_template_filter(major_units, "major")

SHOWN, LONGEST = 20, 200
"""Games that a search shows, and characters that it looks at."""


class WatchForm(RequestBody):
    """A threshold as people write it."""

    threshold: str = Field(min_length=1, max_length=100)
    currency: TypedCurrency | None = None


@bp.get("")
def index() -> Response:
    """Search; show what the reader watches, and what has changed."""
    found = find_caller()
    user_id = found.user_id if found else None
    with transaction() as db:
        mine = watches.watches_of(db, user_id) if user_id else []
        alerts = watches.alerts_of(db, user_id) if user_id else []
        changes = latest_changes(db, 8)
    return render(
        "prices/index.html", typed_name=_typed(), games=_found(), watches=mine, alerts=alerts, changes=changes
    )


@bp.get("/search")
def search() -> Response:
    """Return the results alone, for a page that asks while somebody types."""
    return render("prices/_results.html", typed_name=_typed(), games=_found())


def _typed() -> str:
    return request.args.get("q", "").replace("\0", "").strip()[:LONGEST]


def _found() -> list[Any]:
    with transaction() as db:
        return find_games(db, _typed(), SHOWN)


@bp.get("/<int:game_id>")
def show(game_id: int) -> Response:
    """Show a game: its price, the history, and the reader's watch."""
    found = find_caller()
    with transaction() as db:
        game, watch, alerts = game_with_watch(db, game_id, found.user_id if found else None)
        view = game_view(db, game, watch.threshold if watch else None)
    return render("prices/game.html", watch=watch, alerts=alerts, **view)


@topic("game", key=int, access=Access.PUBLIC, exists=get_game)
def live_game(game_id: int) -> dict[str, str]:
    """Render what changes of a game, for those who do not watch it."""
    with transaction() as db:
        view = game_view(db, get_game(db, game_id), None)
    return _fragments(view)


def is_watched_by(somebody: Caller | None, watch_id: UUID) -> bool:
    """Whether it is somebody's own watch."""
    with transaction() as db:
        watch = db.get(Watch, watch_id)
    return watch is not None and somebody is not None and watch.user_id == somebody.user_id


@topic("watch", key=UUID, access=Access.USER, may=is_watched_by)
def live_watch(watch_id: UUID) -> dict[str, str]:
    """Render what changes of a game, with the threshold of who watches it."""
    with transaction() as db:
        watch = watches.get_watch(db, watch_id)
        view = game_view(db, get_game(db, watch.game_id), watch.threshold)
    return _fragments(view)


def _fragments(view: dict[str, Any]) -> dict[str, str]:
    return {name: render_template(f"prices/_{name}.html", **view) for name in ("price", "history")}


@bp.post("/<int:game_id>")
@show_again(show)
def set_watch(game_id: int) -> AnyResponse:
    """Watch the game, or set another threshold for it."""
    form, user_id = read_form(WatchForm), current_user_id()
    with transaction() as db:
        game, watch, _ = game_with_watch(db, game_id, user_id)
        currency = watches.currency_for(game, game.currency or form.currency)
        threshold = _amount(form.threshold, currency)
        if watch:
            watches.change_watch(db, user_id, watch.id, Threshold(threshold=threshold, currency=currency))
        else:
            watches.open_watch(db, user_id, NewWatch(game_id=game.id, threshold=threshold, currency=currency))
    flash(f"You will get a mail when {game.name} costs {in_words(threshold, currency)} or less.")
    return see_other(".show", game_id=game_id)


def _amount(written: str, currency: str) -> int:
    try:
        return minor_units(written, currency)
    except NotMoney as error:
        raise Invalid(faults=[Fault("threshold", str(error))]) from None


@bp.post("/<int:game_id>/stop")
def stop(game_id: int) -> AnyResponse:
    """Stop watching the game."""
    user_id = current_user_id()
    with transaction() as db:
        game, watch, _ = game_with_watch(db, game_id, user_id)
        if watch:
            watches.end_watch(db, user_id, watch.id)
    flash(f"You no longer watch {game.name}.")
    return see_other(".index")
