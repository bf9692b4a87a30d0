"""The export's body."""

from datetime import date
from functools import partial

from bellhop.builtins import jobs
from bellhop_ledger.export.days import export_day
from bellhop_ledger.export.places import place_of
from bellhop_ledger.export.settings import ExportSettings
from bellhop_ledger.ledger.retention.exported_days import unexported
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.log import get_logger
from bellhop_worker.engine.binding import body
from bellhop_worker.engine.run import Run

log = get_logger(__name__)


@body(jobs.export)
def export(run: Run) -> int:
    """Export the days one after another, the oldest first."""
    if not (address := ExportSettings.load().export_ended_jobs_to):
        return 0
    place = place_of(address)
    with transaction() as db:
        days = unexported(db)
    for number, day in enumerate(days):
        tell = partial(_tell, run, number, len(days), day)
        count = export_day(place, day, tell)
        log.info("day_exported", day=str(day), jobs=count, to=address)
    return len(days)


def _tell(run: Run, number: int, days: int, day: date, written: int) -> None:
    run.progress(number, days, f"{day}: {written:,} jobs")
