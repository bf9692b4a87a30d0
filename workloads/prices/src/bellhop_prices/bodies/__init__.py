"""The prices' bodies."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from bellhop_ledger.api import get_logger, submit
from bellhop_prices import tasks
from bellhop_prices.bodies.catalogue import refresh
from bellhop_prices.bodies.check import check
from bellhop_prices.bodies.sources import Source, TooSoon, open_source
from bellhop_prices.settings import PricesSettings
from bellhop_prices.tasks import Checked, Refreshed
from bellhop_worker.plugin import Run, body

log = get_logger(__name__)

NEVER_READ = text("SELECT NOT EXISTS (SELECT FROM prices.sources WHERE name = :source AND started_at IS NOT NULL)")
ONE_CHECK = text("SELECT pg_try_advisory_xact_lock(1886546276)")  # "prcd"


@body(tasks.refresh_catalogue)
def refresh_catalogue(run: Run, db: Session) -> Refreshed:
    """Read on; where the source wants a pause, go on after it as a new job."""
    source = open_source(PricesSettings.load())
    try:
        found = Refreshed(games=refresh(source, run.progress), complete=True)
    except TooSoon as wait:
        submit(db, tasks.refresh_catalogue.after(wait.seconds))
        found = Refreshed(games=0, complete=False)
    if source.skipped.count:
        log.warning("entries_skipped", source=source.name, entries=source.skipped.count, first=source.skipped.first)
    return found.model_copy(update=_skips(source))


@body(tasks.check_prices)
def check_prices(db: Session) -> Checked:
    """Check, unless another check is running: two would ask for the same games.

    In a new installation the catalogue is read at once, not first in the next night.
    """
    source = open_source(PricesSettings.load())
    if db.scalar(NEVER_READ, {"source": source.name}):
        submit(db, tasks.refresh_catalogue)
    return check(source).model_copy(update=_skips(source)) if db.scalar(ONE_CHECK) else Checked()


def _skips(source: Source) -> dict[str, object]:
    return {"skipped": source.skipped.count, "skipped_first": source.skipped.first}
