"""Routes of /api/prices: games and what they cost."""

from flask import Response
from pydantic import Field

from bellhop_ledger.api import transaction
from bellhop_prices.web.search import find_games
from bellhop_prices.web.views import GameId, GamesView, GameView, HistoryQuery, HistoryView, get_game, history, view
from bellhop_web.plugin import Access, Parameters, Query, answers, blueprint, respond

bp = blueprint("prices", "/api/prices/games", access=Access.PUBLIC)


class SearchQuery(Query):
    """What to look for."""

    q: str = Field(min_length=1, max_length=200, description="A part of a name", examples=["half life"])


class GamePath(Parameters):
    """Which game."""

    game_id: GameId = Field(description="The game's `id`")


@bp.get("", responses=answers(200, GamesView))
def search_games(query: SearchQuery) -> Response:
    """Find up to 20 games by a part of their name, the closest first.

    Case, accents and punctuation do not matter, and names that only resemble what was asked for
    come last. One or two letters find beginnings of names.
    """
    with transaction() as db:
        found = find_games(db, query.q, 20)
    return respond(GamesView.model_construct(games=[view(game) for game in found]))


@bp.get("/<game_id>", responses=answers(200, GameView, 404))
def show_game(path: GamePath) -> Response:
    """Show a game and its price. Prices are looked at when somebody watches the game."""
    with transaction() as db:
        game = get_game(db, path.game_id)
    return respond(view(game))


@bp.get("/<game_id>/history", responses=answers(200, HistoryView, 404))
def list_prices(path: GamePath, query: HistoryQuery) -> Response:
    """List the changes of a game's price, the latest first."""
    with transaction() as db:
        found = history(db, path.game_id, query)
    return respond(found)
