"""Search as people type: games by a part of their name, the closest first."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from bellhop_ledger.api import in_search_path
from bellhop_prices.names import search_key
from bellhop_prices.settings import PricesSettings

SHORTEST = 3
"""Characters that a trigram has; with fewer, only beginnings of names are looked up."""

LIMITS = text(
    "SET LOCAL statement_timeout = '5s'; SET LOCAL pg_trgm.word_similarity_threshold = 0.5;" + in_search_path("pg_trgm")
)
BEGINS = text("""
    SELECT * FROM games WHERE source = :source AND search LIKE :key || '%'
    ORDER BY length(search), search, id LIMIT :most
""")
CONTAINS = text("""
    SELECT * FROM games WHERE source = :source AND search LIKE '%' || :key || '%'
    ORDER BY search NOT LIKE :key || '%', ' ' || search NOT LIKE '% ' || :key || '%', length(search), search, id
    LIMIT :most
""")
RESEMBLES = text("""
    SELECT * FROM games WHERE source = :source AND :key <% search AND id <> ALL(CAST(:found AS bigint[]))
    ORDER BY word_similarity(:key, search) DESC, length(search), search, id LIMIT :most
""")


def find_games(db: Session, typed: str, most: int) -> list[Any]:
    """Give the games whose names begin with what was typed, then those that contain it, then those that resemble it.

    Of each the shorter ones come first: less of them was not typed. A search key has no sign
    that LIKE would understand. A query that takes longer than 5 s is given up by the database.
    """
    key = search_key(typed)
    if not key:
        return []
    asked: dict[str, Any] = {"source": PricesSettings.load().source.value, "key": key, "most": most}
    db.execute(LIMITS)
    if len(key) < SHORTEST:
        return list(db.execute(BEGINS, asked))
    found = list(db.execute(CONTAINS, asked))
    if len(found) == most:
        return found
    asked |= {"found": [game.id for game in found], "most": most - len(found)}
    return found + list(db.execute(RESEMBLES, asked))
