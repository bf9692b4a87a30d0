"""Search by name: a column of keys that every database sorts and cuts the same, and a search as people type.

A table that is searched has the columns `id` and `search`, which holds `search_key` of the name, and the indexes of
`name_search_indexes` (docs/decisions/0018).
"""

import unicodedata
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Row, func, literal, select, text
from sqlalchemy.orm import Session

from bellhop_ledger.platform.extensions import in_search_path

SHORTEST = 3
"""Characters that a trigram has; with fewer, only beginnings of names are looked up."""
LIMITS = text(
    "SET LOCAL statement_timeout = '5s'; SET LOCAL pg_trgm.word_similarity_threshold = 0.5;" + in_search_path("pg_trgm")
)


def name_search_indexes(table: str) -> str:
    """Return the statements by which a migration creates the two indexes of a table that is searched.

    They install pg_trgm where the database has it not yet.
    """
    return f"""
        CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public;
        {in_search_path("pg_trgm")};
        CREATE INDEX {table}_search_idx ON {table} USING gin (search gin_trgm_ops);
        CREATE INDEX {table}_prefix_idx ON {table} (search varchar_pattern_ops);
    """


def search_key(name: str) -> str:
    """Return the text that a search looks at: lower case without accents, punctuation as spaces, all in ASCII.

    Every other sign is spelt by its number. The trigrams of Postgres know letters by the database's
    locale, which is not the same everywhere; of ASCII they are.
    """
    folded = unicodedata.normalize("NFKD", name.casefold())
    signs = "".join(_spelt(sign) for sign in folded)
    return " ".join(signs.split()) or "".join(f"u{ord(sign):x}" for sign in folded if not sign.isspace())


def find_by_name(db: Session, table: FromClause, typed: str, most: int, *where: ColumnElement[bool]) -> list[Row[Any]]:
    """Return the rows whose names begin with what was typed, then those that contain it, then those that resemble it.

    Of each the shorter ones come first: less of them was not typed. A query that takes longer than 5 s is given up by
    the database.
    """
    key = search_key(typed)
    if not key:
        return []
    db.execute(LIMITS)
    search, rows = table.c.search, select(table).where(*where)
    shortest = (func.length(search), search, table.c.id)
    begins = search.like(f"{key}%")  # a key has no sign that LIKE would understand
    if len(key) < SHORTEST:
        return list(db.execute(rows.where(begins).order_by(*shortest).limit(most)))
    begins_a_word = (" " + search).like(f"% {key}%")
    contains = rows.where(search.like(f"%{key}%")).order_by(~begins, ~begins_a_word, *shortest)
    found = list(db.execute(contains.limit(most)))
    if len(found) == most:
        return found
    resembles = rows.where(literal(key).op("<%")(search), table.c.id.not_in([row.id for row in found]))
    nearest = func.word_similarity(key, search).desc()
    return found + list(db.execute(resembles.order_by(nearest, *shortest).limit(most - len(found))))


def _spelt(sign: str) -> str:
    if sign.isascii():
        return sign if sign.isalnum() else " "
    if "\u0300" <= sign <= "\u036f":  # accents
        return ""
    return " " if unicodedata.category(sign)[0] in "PZC" else f"u{ord(sign):x}"
