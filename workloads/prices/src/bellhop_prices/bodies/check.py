"""The check: ask for the prices that are due, oldest first, until all are fresh or the source wants a pause."""

from datetime import datetime
from typing import Any

from sqlalchemy import text

from bellhop_ledger.api import transaction
from bellhop_prices.bodies.observation import observe
from bellhop_prices.bodies.sources import Source, TooSoon
from bellhop_prices.tasks import Checked

DUE = """
    FROM prices.games WHERE id IN (SELECT game_id FROM prices.watches) AND source = :source
      AND (checked_at IS NULL OR checked_at < :before)
"""
BEFORE = text("SELECT clock_timestamp() - make_interval(secs => :freshness) AS moment")
BATCH = text(f"SELECT id, ref, clock_timestamp() AS now {DUE} ORDER BY checked_at NULLS FIRST, id LIMIT :most")
COUNT = text(f"SELECT count(*) AS games {DUE}")
NOTE = text("""
    UPDATE prices.games SET checked_at = :asked_at
    WHERE id = ANY(CAST(:ids AS bigint[])) AND (checked_at IS NULL OR checked_at < :asked_at)
""")


def check(source: Source) -> Checked:
    """Ask for all watched games that are due, in batches, and give what came of it."""
    with transaction() as db:
        [before] = db.execute(BEFORE, {"freshness": source.freshness})
    found = Checked()
    try:
        while batch := _batch(source, before.moment):
            _ask(source, batch, found)
    except TooSoon:  # the next run goes on, with the oldest
        found.left = _count(source, before.moment)
    return found


def _batch(source: Source, before: datetime) -> list[Any]:
    with transaction() as db:
        return list(db.execute(BATCH, {"source": source.name, "before": before, "most": source.batch}))


def _count(source: Source, before: datetime) -> int:
    with transaction() as db:
        return int(db.execute(COUNT, {"source": source.name, "before": before}).scalar_one())


def _ask(source: Source, batch: list[Any], found: Checked) -> None:
    asked_at = batch[0].now
    quotes = source.prices([game.ref for game in batch])
    with transaction() as db:
        changed, alerts = observe(db, source.name, quotes, asked_at)
        db.execute(NOTE, {"ids": [game.id for game in batch], "asked_at": asked_at})  # those without an answer as well
    found.games += len(batch)
    found.changes += len(changed)
    found.alerts += alerts
