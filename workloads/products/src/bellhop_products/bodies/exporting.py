"""Exporting: the whole catalogue as a CSV file, as it was at one moment."""

from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from bellhop_ledger.api import CsvTable, NewFile, clock, major_units
from bellhop_products.tables import ProductExport
from bellhop_products.tasks import ExportReport
from bellhop_worker.plugin import Run

HEADER = ("sku", "name", "description", "price", "currency")
SELECT = "SELECT sku, name, description, price, currency FROM products.products ORDER BY sku"
AT_ONCE = 2_000
TELL_EVERY = 20_000
"""Rows between two words on the progress."""


class Text:
    """Passes text on as UTF-8."""

    def __init__(self, out: NewFile):
        self._out = out

    def write(self, text: str, /) -> int:
        """Write some more."""
        return self._out.write(text.encode())


def write(run: Run, db: Session, wanted: ProductExport) -> ExportReport:
    """Write the file, which is there for others when the job has ended."""
    out = NewFile(db, f"products-{clock.now():%Y-%m-%d}.csv", "text/csv; charset=utf-8")
    rows = write_rows(run, db, out)
    file = out.complete()
    wanted.file_id = file.id
    return ExportReport(rows=rows, bytes=file.size)


def write_rows(run: Run, db: Session, out: NewFile) -> int:
    """Write all products and return their number. One statement reads them, so they are of one moment."""
    driver: Any = db.connection().connection.driver_connection
    table = CsvTable(Text(out), HEADER)
    total, count = db.execute(text("SELECT count(*) FROM products.products")).scalar_one(), 0
    with driver.cursor(name="export") as products:
        products.itersize = AT_ONCE
        products.execute(SELECT)
        for count, (sku, name, description, price, currency) in enumerate(products, start=1):
            table.add([sku, name, description, major_units(price, currency), currency])
            if count % TELL_EVERY == 0:
                run.progress(count, max(count, total), f"{count:,} products written")
    return count
