"""Imports: a CSV file that was sent in becomes a job, and its report is shown."""

import hashlib
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from bellhop.errors import NotFound
from bellhop_ledger.api import Job, LiveJob, State, next_attempt_at, submit_all, transaction, uuid7
from bellhop_products.tables import ProductImport
from bellhop_products.tasks import ImportReport, import_csv
from bellhop_web.plugin import (
    JobRequest,
    NextAttemptAt,
    Omitted,
    Origin,
    ProgressView,
    Upload,
    Utc,
    error_line,
    find_caller,
    is_short,
    new_job,
    note_act,
    progress_view,
)


class NoSuchImport(NotFound):
    """There is no import with this id."""


class ImportView(BaseModel):
    """A CSV file of products and what became of it."""

    id: UUID
    job_id: UUID = Field(description="The job that imports it")
    state: State = Field(description="Of the job; `failed` when nothing was imported")
    progress: ProgressView | None = Field(description="In bytes of the file")
    name: str = Field(description="The file's name")
    size: int = Field(description="Bytes of the file")
    partial: bool = Field(description="Whether the good rows are taken although others are bad")
    created_at: Utc
    report: ImportReport | None = Field(description="Once the file was read")
    error: str | None = Field(description="Why the last attempt failed")
    next_attempt_at: NextAttemptAt


class ListedImportView(ImportView):
    """An import in a list."""

    omitted: Omitted


class ImportsView(BaseModel):
    """Imports, newest first."""

    imports: list[ListedImportView]


def open_import(upload: Upload, origin: Origin, *, partial: bool, field: str) -> UUID:
    """Write the import, its complete file and its job with one commit, and give the import's id.

    With an idempotency key that was used before for the same content it is the id of that
    first import. Raises KeyReused for other content, and Invalid when the file is empty.
    """
    sha256, id = upload.finish(field), uuid7()
    origin = origin.with_hash(hashlib.sha256(f"{partial} {sha256}".encode()).hexdigest())
    wanted = new_job(JobRequest(task=import_csv.name, args={"import_id": str(id)}), origin)
    with transaction() as db:
        [job] = submit_all(db, [wanted])
        if (earlier := UUID(job.args["import_id"])) != id:
            return earlier
        file, user = upload.keep(db, sha256), find_caller()
        db.add(
            ProductImport(
                id=id,
                job_id=job.id,
                user_id=user.user_id if user else None,
                file_id=file.id,
                name=file.name,
                size=file.size,
                partial=partial,
            )
        )
        note_act(db, "products.imported", "import", id, name=file.name)
    return id


def _query() -> Select[ProductImport, Job, LiveJob]:
    query = select(ProductImport, Job, LiveJob).join(Job, Job.id == ProductImport.job_id)
    return query.outerjoin(LiveJob, LiveJob.job_id == Job.id)


def find(db: Session, id: UUID) -> ImportView:
    """Return one import. Raises NoSuchImport."""
    row = db.execute(_query().where(ProductImport.id == id)).one_or_none()
    if row is None:
        raise NoSuchImport
    return view(row)


def newest(db: Session, limit: int) -> ImportsView:
    """Return the newest imports."""
    rows = db.execute(_query().order_by(ProductImport.id.desc()).limit(limit))
    return ImportsView.model_construct(imports=[_listed(view(row)) for row in rows])


def _listed(shown: ImportView) -> ListedImportView:
    report = shown.report
    if report is None or is_short([dict(row) for row in report.bad_rows]):
        return ListedImportView.model_construct(**dict(shown), omitted=[])
    facts = dict(shown) | {"report": report.model_copy(update={"bad_rows": []})}
    return ListedImportView.model_construct(**facts, omitted=["report.bad_rows"])


def view(row: Row[ProductImport, Job, LiveJob]) -> ImportView:
    """Show an import."""
    found, job, live = row.tuple()
    return ImportView(
        id=found.id,
        job_id=job.id,
        state=job.state,
        progress=progress_view(live),
        name=found.name,
        size=found.size,
        partial=found.partial,
        created_at=found.created_at,
        report=ImportReport(**found.report) if found.report else None,
        error=error_line(job),
        next_attempt_at=next_attempt_at(job),
    )
