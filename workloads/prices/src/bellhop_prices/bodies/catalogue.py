"""The catalogue: games are taken over page by page, and after an interruption from where it was."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from bellhop_ledger.api import search_key, transaction
from bellhop_prices.bodies.observation import observe
from bellhop_prices.bodies.sources import CataloguePage, Entry, Source

Report = Callable[[int, int | None, str], None]

BEGIN = text("""
    INSERT INTO prices.sources AS s (name, started_at) VALUES (:source, clock_timestamp())
    ON CONFLICT (name) DO UPDATE
    SET started_at = CASE WHEN s.cursor IS NULL THEN clock_timestamp() ELSE s.started_at END
    RETURNING cursor, refreshed_at
""")
UPSERT = text("""
    INSERT INTO prices.games AS g (source, ref, name, search, url)
    SELECT :source, * FROM unnest(CAST(:refs AS varchar[]), CAST(:names AS varchar[]),
                                  CAST(:keys AS varchar[]), CAST(:urls AS varchar[]))
    ON CONFLICT (source, ref) DO UPDATE SET name = EXCLUDED.name, search = EXCLUDED.search, url = EXCLUDED.url
    WHERE (g.name, g.search, g.url) IS DISTINCT FROM (EXCLUDED.name, EXCLUDED.search, EXCLUDED.url)
""")
GO_ON = text("UPDATE prices.sources SET cursor = :cursor WHERE name = :source")
END = text("UPDATE prices.sources SET cursor = NULL, refreshed_at = started_at WHERE name = :source")
NOW = text("SELECT clock_timestamp() AS now")


def refresh(source: Source, report: Report) -> int:
    """Take the catalogue over and give how many games were read; each page is one transaction.

    Raises what the source raises; the next refresh goes on after the last page that was taken over.
    """
    games = 0
    with transaction() as db:
        [place] = db.execute(BEGIN, {"source": source.name})
        [moment] = db.execute(NOW)
    for page in source.catalogue(place.cursor, place.refreshed_at):
        with transaction() as db:
            take_over(db, source.name, page, moment.now)
        games += len(page.entries)
        report(games, page.total, "games")
    return games


def take_over(db: Session, source: str, page: CataloguePage, asked_at: datetime) -> None:
    """Write one page and how far we are."""
    upsert(db, source, page.entries)
    observe(db, source, [entry.quote for entry in page.entries if entry.quote], asked_at)
    db.execute(GO_ON if page.cursor else END, {"source": source, "cursor": page.cursor})


def upsert(db: Session, source: str, entries: Sequence[Entry]) -> None:
    """Add the games that are new and bring the others up to date, in the order of their ids at the source."""
    # The last one counts where one is there twice; in one order, so that two refreshes never wait for one another.
    known = {entry.ref: entry for entry in sorted(entries, key=lambda entry: entry.ref)}
    columns = {
        "refs": list(known),
        "names": [entry.name for entry in known.values()],
        "keys": [search_key(entry.name) for entry in known.values()],
        "urls": [entry.url for entry in known.values()],
    }
    db.execute(UPSERT, {"source": source, **columns})
