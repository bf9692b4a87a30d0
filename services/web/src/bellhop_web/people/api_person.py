"""Routes of /api/people/<id>: what somebody may do, and whether they come in."""

from flask import Response

from bellhop_ledger.platform.database import transaction
from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import current_caller
from bellhop_web.http.answers import respond
from bellhop_web.openapi.library import answers, blueprint
from bellhop_web.people import actions
from bellhop_web.people.listing import PersonView
from bellhop_web.people.requests import Disabling, NewAddress, PersonPath, RoleRequest

bp = blueprint("person", "/api/people", tag="people", access=Access.ADMIN)


@bp.put("/<person_id>/role", responses=answers(200, PersonView, 400, 404, 409, 413, 415))
def change_role(path: PersonPath, body: RoleRequest) -> Response:
    """Change what somebody may do.

    It holds from their next request on, for tokens within five seconds. The last admin stays one: that is a conflict.
    """
    with transaction() as db:
        changed = actions.change_role(db, path.person_id, body)
    return respond(changed)


@bp.post("/<person_id>/disable", responses=answers(200, PersonView, 400, 404, 409, 413, 415))
def disable_person(path: PersonPath, body: Disabling) -> Response:
    """Keep somebody out.

    Their sessions end at once, their tokens within five seconds, and the live parts of their pages within ten. Their
    jobs and schedules go on. The last admin cannot be disabled: that is a conflict.
    """
    with transaction() as db:
        changed = actions.disable(db, path.person_id, body)
    return respond(changed)


@bp.post("/<person_id>/enable", responses=answers(200, PersonView, 404))
def enable_person(path: PersonPath) -> Response:
    """Let somebody in again, with their password. Sessions and tokens that were ended stay ended."""
    with transaction() as db:
        changed = actions.enable(db, path.person_id)
    return respond(changed)


@bp.post("/<person_id>/address", responses=answers(202, PersonView, 400, 404, 413, 415, 429))
def ask_for_address_of_person(path: PersonPath, body: NewAddress) -> Response:
    """Write to a new address of somebody. It takes the place of the present one when they open the link.

    The present address is told. Where the new one has an account already, its owner is told instead.
    """
    return respond(actions.ask_for_address(current_caller(), path.person_id, body), 202)
