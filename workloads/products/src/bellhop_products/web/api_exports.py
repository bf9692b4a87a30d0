"""Routes of /api/exports: all products as a CSV file."""

from uuid import UUID

from flask import Response
from pydantic import Field

from bellhop_ledger.api import transaction
from bellhop_products.web import exports
from bellhop_products.web.api_imports import NewestQuery
from bellhop_products.web.exports import ExportsView, ExportView
from bellhop_web.plugin import (
    Access,
    Origin,
    Parameters,
    SubmitHeaders,
    WaitQuery,
    answers,
    blueprint,
    current_caller,
    download,
    file_answers,
    find_when_ended,
    respond,
)

bp = blueprint("exports", "/api/exports", tag="products", access=Access.USER)


class ExportPath(Parameters):
    """Which export."""

    export_id: UUID = Field(description="The export's `id`, from its receipt")


@bp.post("", responses=answers(202, ExportView, 409))
def submit_export(header: SubmitHeaders) -> Response:
    """Export all products as a CSV file, which can be imported again.

    The file shows the catalogue as it was at one moment. A value that a spreadsheet would take
    for a formula has an apostrophe before it.
    """
    with transaction() as db:
        id = exports.open_export(db, current_caller(), Origin.of(header))
        shown = exports.find(db, id)
    return respond(shown, 202, {"Location": f"/api/exports/{id}"})


@bp.get("", responses=answers(200, ExportsView))
def list_exports(query: NewestQuery) -> Response:
    """List your exports, newest first; an operator sees everybody's."""
    with transaction() as db:
        found = exports.newest(db, query.limit)
    return respond(found)


@bp.get("/<export_id>", responses=answers(200, ExportView, 404))
def show_export(path: ExportPath, query: WaitQuery) -> Response:
    """Show what became of an export; with `wait`, as soon as it has ended."""
    return respond(find_when_ended(lambda db: exports.find(db, path.export_id), query.wait))


@bp.get("/<export_id>/file", responses=file_answers(304, 404, 412, 416))
def fetch_export(path: ExportPath) -> Response:
    """Fetch the file. A part of it with `Range`, and `If-Range` with the `ETag` of the part before."""
    with transaction() as db:
        file = exports.file_of(db, path.export_id)
    return download(file)
