"""Importing: a file's rows go into the catalogue, all or none, or the good ones where that is wanted."""

import time
from collections.abc import Iterator
from uuid import UUID

from sqlalchemy.orm import Session

from bellhop.errors import Permanent
from bellhop_ledger.api import File, NoSuchFile, find_file, read_file, transaction
from bellhop_products.bodies.lines import NotACsv, lines_of
from bellhop_products.bodies.rows import BadRows, rows_of
from bellhop_products.bodies.staging import Staging, batches
from bellhop_products.tables import ProductImport
from bellhop_products.tasks import ImportReport
from bellhop_worker.plugin import Run

PERIOD = 0.5
"""Seconds between two words on the progress."""


class BadRowsRefused(Permanent):
    """Nothing was imported, for some rows are bad."""


class Pieces:
    """The file's pieces, as they are read; says how far the reading has come."""

    def __init__(self, run: Run, db: Session, file: File):
        self._run, self._db, self._file = run, db, file
        self._reported = 0.0
        self.rows = self._bytes = 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in read_file(self._db, self._file):
            yield piece
            self._bytes += len(piece)
            self.report_progress()

    def report_progress(self) -> None:
        """Report the progress, now and then."""
        if time.monotonic() - self._reported >= PERIOD:
            self._reported = time.monotonic()
            self._run.progress(self._bytes, self._file.size, f"{self.rows:,} rows read")


def take(run: Run, db: Session, wanted: ProductImport) -> ImportReport:
    """Import the file and give the report, which stays although nothing was imported.

    Raises NotACsv or BadRowsRefused.
    """
    bad = BadRows()
    pieces = Pieces(run, db, file_of(db, wanted))
    try:
        staged = read(pieces, Staging(db), bad)
    except NotACsv as error:
        note(wanted.id, ImportReport(imported=False, rows=pieces.rows, problem=str(error)))
        raise
    report = ImportReport(imported=False, rows=pieces.rows, bad=bad.count, bad_rows=bad.first)
    if bad.count and not (wanted.partial and staged.count):
        note(wanted.id, report)
        raise BadRowsRefused(refusal(report))
    run.progress(wanted.size, wanted.size, f"writing {staged.count:,} products")
    report.created, report.updated = staged.merge()
    report.unchanged = staged.count - report.created - report.updated
    report.imported = True
    wanted.report = report.model_dump(mode="json")
    return report


def file_of(db: Session, wanted: ProductImport) -> File:
    """Return the import's file. Raises Permanent when its time is over."""
    if wanted.file_id is None:
        raise Permanent(NoSuchFile.__doc__)
    try:
        return find_file(db, wanted.file_id)
    except NoSuchFile as error:
        raise Permanent(str(error)) from error


def read(pieces: Pieces, staging: Staging, bad: BadRows) -> Staging:
    """Bring the good rows into the temporary table and note the others. Raises NotACsv."""
    for batch in batches(rows_of(lines_of(pieces), bad)):
        staging.add([row for row in batch if row])
        pieces.rows += len(batch)
        pieces.report_progress()
    if not pieces.rows:
        raise NotACsv("The file has no rows.")
    staging.drop_duplicates(bad)
    return staging


def note(id: UUID, report: ImportReport) -> None:
    """Write down why nothing was imported, in a transaction of its own, for the job's is about to be taken back."""
    with transaction() as db:
        if (refused := db.get(ProductImport, id)) is not None:
            refused.report = report.model_dump(mode="json")


def refusal(report: ImportReport) -> str:
    """Sum the bad rows up in one line."""
    first = report.bad_rows[0]
    count = f"{report.bad:,} of {report.rows:,} rows are bad"
    return f"Nothing was imported: {count}; the first is line {first.line}: {first.field} {first.message}."
