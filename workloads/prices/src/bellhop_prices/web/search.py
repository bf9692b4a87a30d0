"""Search as people type: games by a part of their name, the closest first."""

from typing import Any

from sqlalchemy.orm import Session

from bellhop_ledger.api import find_by_name
from bellhop_prices.settings import PricesSettings
from bellhop_prices.tables import Game


def find_games(db: Session, typed: str, most: int) -> list[Any]:
    """Return the games of the source whose names are nearest to what was typed."""
    return list(find_by_name(db, Game.__table__, typed, most, Game.source == PricesSettings.load().source.value))
