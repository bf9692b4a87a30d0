"""Exports: the catalogue as a file, which belongs to who asked for it."""

from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from bellhop.errors import NotFound
from bellhop_ledger.api import File, Job, LiveJob, NoSuchFile, State, find_file, next_attempt_at, uuid7
from bellhop_products.tables import ProductExport
from bellhop_products.tasks import export_csv
from bellhop_web.plugin import (
    Access,
    Caller,
    JobRequest,
    NextAttemptAt,
    Origin,
    ProgressView,
    Utc,
    current_caller,
    error_line,
    new_job,
    note_act,
    progress_view,
    submit_for,
)


class NoSuchExport(NotFound):
    """There is no export of yours with this id."""


class FileView(BaseModel):
    """A file that can be fetched."""

    url: str
    name: str
    size: int = Field(description="In bytes")
    sha256: str
    expires_at: Utc = Field(description="When it is deleted")


class ExportView(BaseModel):
    """All products as a CSV file."""

    id: UUID
    job_id: UUID = Field(description="The job that writes it")
    state: State = Field(description="Of the job")
    progress: ProgressView | None = Field(description="In products")
    created_at: Utc
    file: FileView | None = Field(description="Once it is written, and until it is deleted")
    error: str | None = Field(description="Why the last attempt failed")
    next_attempt_at: NextAttemptAt


class ExportsView(BaseModel):
    """Your exports, newest first."""

    exports: list[ExportView]


def open_export(db: Session, caller: Caller, origin: Origin) -> UUID:
    """Write an export and its job, and return the export's id."""
    id = uuid7()
    origin = origin.with_hash("export")
    wanted = new_job(JobRequest(task=export_csv.name, args={"export_id": str(id)}), origin)
    [job] = submit_for(db, caller, [wanted])
    if (earlier := UUID(job.args["export_id"])) != id:
        return earlier
    db.add(ProductExport(id=id, job_id=job.id, user_id=caller.user_id))
    db.flush()
    note_act(db, "products.exported", "export", id)
    return id


def _query() -> Select[ProductExport, Job, LiveJob, File]:
    query = select(ProductExport, Job, LiveJob, File).join(Job, Job.id == ProductExport.job_id)
    return query.outerjoin(LiveJob, LiveJob.job_id == Job.id).outerjoin(File, File.id == ProductExport.file_id)


def is_for(db: Session, id: UUID, caller: Caller) -> bool:
    """Whether somebody may see an export: who asked for it, and operators."""
    export = db.get(ProductExport, id)
    return export is not None and (caller.may(Access.OPERATOR) or export.user_id == caller.user_id)


def find(db: Session, id: UUID) -> ExportView:
    """Return one of the caller's exports. Raises NoSuchExport."""
    if not is_for(db, id, current_caller()):
        raise NoSuchExport
    return read(db, id)


def read(db: Session, id: UUID) -> ExportView:
    """Return one export, whose ever it is. Raises NoSuchExport."""
    row = db.execute(_query().where(ProductExport.id == id)).one_or_none()
    if row is None:
        raise NoSuchExport
    return view(row)


def newest(db: Session, limit: int) -> ExportsView:
    """Return the newest exports that the caller may see."""
    query, user = _query().order_by(ProductExport.id.desc()).limit(limit), current_caller()
    if not user.may(Access.OPERATOR):
        query = query.where(ProductExport.user_id == user.user_id)
    return ExportsView.model_construct(exports=[view(row) for row in db.execute(query)])


def file_of(db: Session, id: UUID) -> File:
    """Return the file of one of the caller's exports. Raises NoSuchExport, NoSuchFile."""
    if not is_for(db, id, current_caller()):
        raise NoSuchExport
    file_id = db.get_one(ProductExport, id).file_id
    if file_id is None:
        raise NoSuchFile
    return find_file(db, file_id)


def view(row: Row[ProductExport, Job, LiveJob, File]) -> ExportView:
    """Show an export."""
    export, job, live, file = row.tuple()
    return ExportView(
        id=export.id,
        job_id=job.id,
        state=job.state,
        progress=progress_view(live),
        created_at=export.created_at,
        file=FileView(
            url=f"/api/exports/{export.id}/file",
            name=file.name,
            size=file.size,
            sha256=str(file.sha256),
            expires_at=file.expires_at,
        )
        if file
        else None,
        error=error_line(job),
        next_attempt_at=next_attempt_at(job),
    )
