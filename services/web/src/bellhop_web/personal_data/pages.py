"""Pages: export the personal data of somebody, and delete their account."""

from uuid import UUID

from flask import Response
from werkzeug.wrappers import Response as AnyResponse

from bellhop_ledger.accounts.people import find
from bellhop_ledger.platform.database import transaction
from bellhop_web.accounts import proof
from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import current_caller
from bellhop_web.people.listing import show
from bellhop_web.personal_data import actions
from bellhop_web.personal_data.deleting import owned_by
from bellhop_web.personal_data.requests import OwnDeletion, OwnExport
from bellhop_web.site import flash, pages_blueprint, read_form, render, see_other, show_again

bp = pages_blueprint("personal_data", "/people", access=Access.ADMIN)


@bp.get("/<uuid:person_id>/export")
def export_form(person_id: UUID) -> Response:
    """Ask for the admin's password."""
    with transaction() as db:
        person = show(db, person_id)
    return render("personal_data/export.html", account=person, proof=proof.wanted())


@bp.post("/<uuid:person_id>/export")
@show_again(export_form)
def export(person_id: UUID) -> Response:
    """Answer with the file."""
    return actions.export_person(current_caller(), person_id, read_form(OwnExport).password)


@bp.get("/<uuid:person_id>/delete")
def deletion_form(person_id: UUID) -> Response:
    """Show what goes on without the account, and ask for the admin's password."""
    with transaction() as db:
        person, owned = show(db, person_id), owned_by(db, find(db, person_id))
    return render("personal_data/delete.html", account=person, owned=owned, proof=proof.wanted())


@bp.post("/<uuid:person_id>/delete")
@show_again(deletion_form)
def delete(person_id: UUID) -> AnyResponse:
    """Delete the account."""
    given = read_form(OwnDeletion)
    actions.delete_person(current_caller(), person_id, given.password, given.hand_over_to)
    flash("The account is deleted.")
    return see_other("people_pages.index")
