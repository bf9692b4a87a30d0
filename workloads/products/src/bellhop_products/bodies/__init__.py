"""The products' bodies."""

import time
from uuid import UUID

from sqlalchemy.orm import Session

from bellhop.errors import Permanent
from bellhop_products import tasks
from bellhop_products.bodies import exporting, importing
from bellhop_products.tables import ProductExport, ProductImport
from bellhop_products.tasks import ExportReport, ImportReport
from bellhop_worker.plugin import Run, body

SECONDS = 3


@body(tasks.very_slow_add)
def very_slow_add(run: Run, *, a: int, b: int) -> int:
    """Think for three seconds, saying so each second, and add."""
    for second in range(SECONDS):
        run.progress(second, SECONDS, "thinking")
        time.sleep(1)
    run.progress(SECONDS, SECONDS, "done")
    return a + b


@body(tasks.import_csv)
def import_csv(run: Run, db: Session, *, import_id: UUID) -> ImportReport:
    """Read the file into a temporary table, and merge that into the catalogue if its rows are good."""
    if (wanted := db.get(ProductImport, import_id)) is None:
        raise Permanent("There is no import with this id.")
    return importing.take(run, db, wanted)


@body(tasks.export_csv)
def export_csv(run: Run, db: Session, *, export_id: UUID) -> ExportReport:
    """Write what one statement sees of the catalogue."""
    if (wanted := db.get(ProductExport, export_id)) is None:
        raise Permanent("There is no export with this id.")
    return exporting.write(run, db, wanted)
