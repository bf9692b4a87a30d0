"""The page of people: who has an account."""

from flask import Response, url_for

from bellhop_ledger.accounts.roles import Role
from bellhop_ledger.platform.database import transaction
from bellhop_web.auth.access import Access
from bellhop_web.people.listing import PeopleQuery, Standing, page
from bellhop_web.site import pages_blueprint, render
from bellhop_web.site.forms import valid_query

bp = pages_blueprint("people", access=Access.ADMIN)
ROLES = [(role.value, role.value) for role in Role]
STATES = [(state.value, state.value) for state in Standing]
ANY = ("", "any")


@bp.get("")
def index() -> Response:
    """List who has an account, who came last first."""
    query, faults = valid_query(PeopleQuery)
    with transaction() as db:
        found = page(db, query)
    older = url_for(".index", **query.filters, cursor=found.next_cursor) if found.next_cursor else None
    facts = {"faults_found": faults, "query": query, "roles": [ANY, *ROLES], "states": [ANY, *STATES]}
    return render("people/index.html", 422 if faults else 200, people=found.people, older=older, **facts)
