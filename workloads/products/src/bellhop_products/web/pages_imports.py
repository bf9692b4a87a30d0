"""The pages on which operators import products."""

from uuid import UUID

import flask
from flask import Response, render_template
from pydantic import BaseModel
from werkzeug.wrappers import Response as AnyResponse

from bellhop.errors import Fault, Invalid
from bellhop_ledger.api import transaction
from bellhop_products.web import imports
from bellhop_web.plugin import (
    Access,
    Origin,
    SubmitHeaders,
    Upload,
    pages_blueprint,
    read_form,
    render,
    see_other,
    show_again,
    topic,
)

bp = pages_blueprint("imports", "/products/imports", access=Access.OPERATOR)


class ImportForm(BaseModel):
    """How to import."""

    partial: bool = False


@bp.get("")
def index() -> Response:
    """Show the form and what was imported before."""
    with transaction() as db:
        found = imports.newest(db, 20)
    return render("products/imports.html", imports=found.imports)


@bp.post("")
@show_again(index)
def submit() -> AnyResponse:
    """Take a file in. It stands in the database by the time this is called."""
    upload = sent("file")
    id = imports.open_import(upload, Origin.of(SubmitHeaders()), partial=read_form(ImportForm).partial, field="file")
    return see_other("imports_pages.show", import_id=id)


def sent(field: str) -> Upload:
    """Return the file of the form. Raises Invalid when none was chosen."""
    file = flask.request.files.get(field)
    if file is None or not file.filename or not isinstance(file.stream, Upload):
        raise Invalid(faults=[Fault(field, "must be chosen")])
    return file.stream


@bp.get("/<uuid:import_id>")
def show(import_id: UUID) -> Response:
    """Show one import, as it goes on."""
    with transaction() as db:
        found = imports.find(db, import_id)
    return render("products/import.html", one=found)


@topic("import", key=UUID, access=Access.OPERATOR, every=0.5, exists=imports.find)
def changed(import_id: UUID) -> dict[str, str]:
    """Render how far it has come."""
    with transaction() as db:
        found = imports.find(db, import_id)
    return {"import": render_template("products/_import.html", one=found)}
