"""The pages on which people export the products."""

from uuid import UUID

from flask import Response, render_template
from werkzeug.wrappers import Response as AnyResponse

from bellhop_ledger.api import transaction
from bellhop_products.web import exports
from bellhop_web.plugin import (
    Access,
    Caller,
    Origin,
    SubmitHeaders,
    current_caller,
    pages_blueprint,
    render,
    see_other,
    topic,
)

bp = pages_blueprint("exports", "/products/exports", access=Access.USER)


@bp.get("")
def index() -> Response:
    """Show the exports and the button for another."""
    with transaction() as db:
        found = exports.newest(db, 20)
    return render("products/exports.html", exports=found.exports)


@bp.post("")
def submit() -> AnyResponse:
    """Begin an export."""
    with transaction() as db:
        id = exports.open_export(db, current_caller(), Origin.of(SubmitHeaders()))
    return see_other("exports_pages.show", export_id=id)


@bp.get("/<uuid:export_id>")
def show(export_id: UUID) -> Response:
    """Show one export, and its file when it is there."""
    with transaction() as db:
        found = exports.find(db, export_id)
    return render("products/export.html", one=found)


def is_for(caller: Caller | None, export_id: UUID) -> bool:
    """Whether somebody may see this export."""
    with transaction() as db:
        return caller is not None and exports.is_for(db, export_id, caller)


@topic("export", key=UUID, access=Access.USER, every=0.5, may=is_for)
def changed(export_id: UUID) -> dict[str, str]:
    """Render how far it has come."""
    with transaction() as db:
        found = exports.read(db, export_id)
    return {"export": render_template("products/_export.html", one=found)}
