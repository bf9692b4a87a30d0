"""The prices' bodies."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from bellhop import prices
from bellhop.ledger.submit import submit
from bellhop.prices import Checked, Refreshed
from bellhop_worker.binding import body
from bellhop_worker.prices.catalogue import refresh
from bellhop_worker.prices.check import check
from bellhop_worker.run import Run
from bellhop_worker.settings import WorkerSettings
from bellhop_worker.sources import TooSoon, open_source

NEVER_READ = text("SELECT NOT EXISTS (SELECT FROM sources WHERE name = :source AND started_at IS NOT NULL)")
ONE_CHECK = text("SELECT pg_try_advisory_xact_lock(1886546276)")  # "prcd"


@body(prices.refresh_catalogue)
def refresh_catalogue(run: Run, db: Session) -> Refreshed:
    """Read on; where the source wants a pause, go on after it as a new job."""
    try:
        games = refresh(open_source(WorkerSettings.load()), run.progress)
    except TooSoon as wait:
        submit(db, prices.refresh_catalogue.after(wait.seconds))
        return Refreshed(games=0, complete=False)
    return Refreshed(games=games, complete=True)


@body(prices.check_prices)
def check_prices(db: Session) -> Checked:
    """Check, unless another check is running: two would ask for the same games.

    In a new installation the catalogue is read at once, not first in the next night.
    """
    source = open_source(WorkerSettings.load())
    if db.scalar(NEVER_READ, {"source": source.name}):
        submit(db, prices.refresh_catalogue)
    return check(source) if db.scalar(ONE_CHECK) else Checked()
