"""Routes of /api/people: who has an account."""

from flask import Response

from bellhop_ledger.platform.database import transaction
from bellhop_web.auth.access import Access
from bellhop_web.http.answers import respond
from bellhop_web.openapi.library import answers, blueprint
from bellhop_web.people.listing import PeopleQuery, PeopleView, PersonView, page, show
from bellhop_web.people.requests import PersonPath

bp = blueprint("people", "/api/people", access=Access.ADMIN)


@bp.get("", responses=answers(200, PeopleView))
def list_people(query: PeopleQuery) -> Response:
    """List who has an account, who came last first."""
    with transaction() as db:
        found = page(db, query)
    return respond(found)


@bp.get("/<person_id>", responses=answers(200, PersonView, 404))
def show_person(path: PersonPath) -> Response:
    """Show one account."""
    with transaction() as db:
        found = show(db, path.person_id)
    return respond(found)
