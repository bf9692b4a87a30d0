"""Routes of /api/imports: products from a CSV file."""

from uuid import UUID

from flask import Response
from pydantic import Field

from bellhop_ledger.api import transaction
from bellhop_products.web import imports
from bellhop_products.web.imports import ImportsView, ImportView
from bellhop_web.plugin import (
    Flag,
    Limit,
    Origin,
    Parameters,
    Query,
    SubmitHeaders,
    WaitQuery,
    answers,
    blueprint,
    file_body,
    find_when_ended,
    read_upload,
    respond,
)

bp = blueprint("imports", "/api/imports", tag="products")

CSV = "text/csv"


class ImportQuery(Query):
    """How to import."""

    name: str = Field(default="products.csv", max_length=200, description="The file's name, for people")
    partial: Flag = Field(
        default=False, description="Take the good rows although others are bad; otherwise it is all or nothing"
    )


class ImportPath(Parameters):
    """Which import."""

    import_id: UUID = Field(description="The import's `id`, from its receipt")


class NewestQuery(Query):
    """How many to list."""

    limit: Limit = Field(default=50, description="How many are listed at most")


@bp.post("", request_body=file_body(CSV), responses=answers(202, ImportView, 400, 409, 413, 415))
def submit_import(header: SubmitHeaders, query: ImportQuery) -> Response:
    """Import products from a CSV file of up to 100,000,000 bytes, as the body of the request.

    Its `Content-Type` is `text/csv` or `application/octet-stream`.

    Its first line names the columns `sku`, `name`, `price` and `currency`, and may name
    `description`. What stands between the values is a comma, a semicolon, a tab or a `|`, or what a
    line such as `sep=;` says before it; the text is in UTF-8, or in UTF-16 as Excel's "Unicode
    text". A price is written as 12.50, 12,50 or 1.234,50. A product whose SKU exists is changed.
    What carries no data, such as empty rows and columns, is skipped. When a row is bad nothing is
    imported, unless it is `partial`; the report names each bad row.
    """
    upload = read_upload(CSV, query.name)
    id = imports.open_import(upload, Origin.of(header), partial=query.partial, field="body")
    with transaction() as db:
        shown = imports.find(db, id)
    return respond(shown, 202, {"Location": f"/api/imports/{id}"})


@bp.get("", responses=answers(200, ImportsView))
def list_imports(query: NewestQuery) -> Response:
    """List imports, newest first."""
    with transaction() as db:
        found = imports.newest(db, query.limit)
    return respond(found)


@bp.get("/<import_id>", responses=answers(200, ImportView, 404))
def show_import(path: ImportPath, query: WaitQuery) -> Response:
    """Show what became of an import; with `wait`, as soon as it has ended."""
    return respond(find_when_ended(lambda db: imports.find(db, path.import_id), query.wait))
