"""Observation: a price that was seen, what of it is news, and who is told; all in the caller's transaction."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from bellhop_ledger.api import after_commit, announce_changed
from bellhop_prices.bodies.alerts import alert
from bellhop_prices.bodies.sources import Quote

LOCK = text("""
    SELECT id FROM prices.games
    WHERE source = :source AND ref = ANY(CAST(:refs AS varchar[])) AND (checked_at IS NULL OR checked_at < :asked_at)
    ORDER BY id FOR NO KEY UPDATE
""")
RECORD = text("""
    WITH seen AS (
        SELECT g.id, q.amount, coalesce(q.currency, g.currency) AS currency,
               (q.amount, coalesce(q.currency, g.currency)) IS DISTINCT FROM (g.amount, g.currency) AS is_new
        FROM unnest(CAST(:refs AS varchar[]), CAST(:amounts AS bigint[]), CAST(:currencies AS varchar[]))
                 AS q(ref, amount, currency)
        JOIN prices.games g ON g.source = :source AND g.ref = q.ref
        WHERE g.id = ANY(CAST(:ids AS bigint[]))
    ), changed AS (
        INSERT INTO prices.prices (game_id, seen_at, amount, currency)
        SELECT id, :asked_at, amount, currency FROM seen WHERE is_new
        RETURNING game_id
    ), noted AS (
        UPDATE prices.games g SET amount = s.amount, currency = s.currency, checked_at = :asked_at
        FROM seen s WHERE s.id = g.id
    )
    SELECT game_id FROM changed
""")
ARM = text("""
    UPDATE prices.watches w SET armed = true FROM prices.games g
    WHERE g.id = w.game_id AND g.id = ANY(CAST(:ids AS bigint[])) AND NOT w.armed
      AND g.amount > w.threshold AND g.currency = w.currency
""")
LOOKED_AT = text("""
    SELECT DISTINCT 'game:' || game_id, 'game:' || game_id || '-' || threshold
    FROM prices.watches WHERE game_id = ANY(CAST(:ids AS bigint[]))
""")
"""The live views that show these games; one of a game that nobody watches looks again by itself after a while."""


def observe(db: Session, source: str, quotes: Sequence[Quote], asked_at: datetime) -> tuple[list[int], int]:
    """Write prices down and give the games whose price has changed, and how many alerts that and earlier ones made.

    An answer that was asked for before the one that counts already comes too late and is not
    looked at: two checks at once would otherwise see a price go up and down that only fell.
    Locked games wait for one another in the order of their ids.
    """
    refs = [quote.ref for quote in quotes]
    ids = [row.id for row in db.execute(LOCK, {"source": source, "refs": refs, "asked_at": asked_at})]
    if not ids:
        return [], 0
    columns = {"amounts": [quote.amount for quote in quotes], "currencies": [quote.currency for quote in quotes]}
    asked = {"source": source, "refs": refs, "ids": ids, "asked_at": asked_at}
    changed = [row.game_id for row in db.execute(RECORD, asked | columns)]
    db.execute(ARM, {"ids": ids})
    after_commit(db, announce_changed, [topic for row in db.execute(LOOKED_AT, {"ids": changed}) for topic in row])
    return changed, alert(db, ids)
