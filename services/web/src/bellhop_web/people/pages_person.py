"""The page of one person: what they may do, and whether they come in."""

from uuid import UUID

from flask import Response
from pydantic import Field
from werkzeug.wrappers import Response as AnyResponse

from bellhop_ledger.platform.database import transaction
from bellhop_web.accounts import proof
from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import current_caller
from bellhop_web.people import actions
from bellhop_web.people.listing import show as shown
from bellhop_web.people.pages import ROLES
from bellhop_web.people.requests import Disabling, NewAddress, RoleRequest
from bellhop_web.site import flash, pages_blueprint, read_form, render, see_other, show_again

bp = pages_blueprint("person", "/people", access=Access.ADMIN)


class RoleForm(RoleRequest):
    """The form for a role: a box that is not ticked is not sent, and means no."""

    sees_payloads: bool = Field(default=False)


@bp.get("/<uuid:person_id>")
def show(person_id: UUID) -> Response:
    """Show one person."""
    with transaction() as db:
        person = shown(db, person_id)
    return render("people/show.html", account=person, roles=ROLES, proof=proof.wanted())


@bp.post("/<uuid:person_id>/role")
@show_again(show)
def change_role(person_id: UUID) -> AnyResponse:
    """Change what somebody may do."""
    wanted = read_form(RoleForm)
    with transaction() as db:
        person = actions.change_role(db, person_id, wanted)
    flash(f"{person.email} has the role {person.role} now.")
    return see_other(".show", person_id=person_id)


@bp.post("/<uuid:person_id>/disable")
@show_again(show)
def disable(person_id: UUID) -> AnyResponse:
    """Keep somebody out."""
    wanted = read_form(Disabling)
    with transaction() as db:
        person = actions.disable(db, person_id, wanted)
    flash(f"{person.email} is disabled: nobody comes in with this account.")
    return see_other(".show", person_id=person_id)


@bp.post("/<uuid:person_id>/address")
@show_again(show)
def ask_for_address(person_id: UUID) -> AnyResponse:
    """Write to a new address of somebody."""
    wanted = read_form(NewAddress)
    actions.ask_for_address(current_caller(), person_id, wanted)
    flash(f"A mail is on its way to {wanted.email}: the address changes when its link is opened.")
    return see_other(".show", person_id=person_id)


@bp.post("/<uuid:person_id>/enable")
def enable(person_id: UUID) -> AnyResponse:
    """Let somebody in again."""
    with transaction() as db:
        person = actions.enable(db, person_id)
    flash(f"{person.email} comes in again.")
    return see_other(".show", person_id=person_id)
