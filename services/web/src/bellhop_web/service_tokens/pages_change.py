"""The page on which an admin changes what a service token may do."""

from typing import Annotated
from uuid import UUID

from flask import Response
from pydantic import Field
from werkzeug.wrappers import Response as AnyResponse

from bellhop_ledger.accounts import service_tokens
from bellhop_ledger.platform.database import transaction
from bellhop_web.accounts import proof
from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import current_caller
from bellhop_web.service_tokens import actions
from bellhop_web.service_tokens.pages import Lines
from bellhop_web.service_tokens.requests import ServiceTokenChanges, ServiceTokenView
from bellhop_web.site import flash, pages_blueprint, read_form, render, see_other, show_again

bp = pages_blueprint("service_token", "/service-tokens", access=Access.ADMIN)


class ChangesForm(ServiceTokenChanges):
    """The form: all patterns that it has from now on, one on a line."""

    tasks: Lines = Field(default_factory=list)
    queues: Annotated[Lines, Field(min_length=1)]
    schedules: Lines = Field(default_factory=list)


@bp.get("/<uuid:id>/change")
def edit(id: UUID) -> Response:
    """Show what it may do, to be changed."""
    with transaction() as db:
        token = ServiceTokenView.of(service_tokens.find(db, id))
    return render("service_tokens/change.html", token=token, proof=proof.wanted())


@bp.post("/<uuid:id>/change")
@show_again(edit)
def change(id: UUID) -> AnyResponse:
    """Change what it may do."""
    token = actions.change(current_caller(), id, read_form(ChangesForm))
    flash(f"The token {token.name} is changed.")
    return see_other("service_tokens_pages.show", id=id)
