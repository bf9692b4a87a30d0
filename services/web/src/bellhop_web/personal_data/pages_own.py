"""Pages: export one's personal data, and delete one's account."""

from flask import Response
from werkzeug.wrappers import Response as AnyResponse

from bellhop_ledger.accounts.people import find
from bellhop_ledger.platform.database import transaction
from bellhop_web.accounts import proof
from bellhop_web.accounts.sessions import without_session
from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import current_user_id
from bellhop_web.personal_data import actions
from bellhop_web.personal_data.deleting import owned_by
from bellhop_web.personal_data.requests import OwnDeletion, OwnExport
from bellhop_web.site import flash, pages_blueprint, read_form, render, see_other, show_again

bp = pages_blueprint("own_data", "/account", access=Access.SELF)


@bp.get("/export")
def export_form() -> Response:
    """Ask for the password."""
    return render("personal_data/export.html", account=None, proof=proof.wanted())


@bp.post("/export")
@show_again(export_form)
def export() -> Response:
    """Answer with the file."""
    return actions.export_own(current_user_id(), read_form(OwnExport).password)


@bp.get("/delete")
def deletion_form() -> Response:
    """Show what goes on without the account, and ask for the password."""
    with transaction() as db:
        owned = owned_by(db, find(db, current_user_id()))
    return render("personal_data/delete.html", account=None, owned=owned, proof=proof.wanted())


@bp.post("/delete")
@show_again(deletion_form)
def delete() -> AnyResponse:
    """Delete the account, and sign out."""
    given = read_form(OwnDeletion)
    actions.delete_own(current_user_id(), given.password, given.hand_over_to)
    flash("Your account is deleted.")
    return without_session(see_other("home_pages.index"))
