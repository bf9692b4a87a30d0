"""The page of all runs of a schedule that are kept, the latest first, with its filters."""

from uuid import UUID

from flask import Response, url_for

from bellhop_ledger.ledger.tables import State
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.schedules import Outcome
from bellhop_web.auth.access import Access
from bellhop_web.schedules.history import RunQuery, history
from bellhop_web.schedules.listing import find_view
from bellhop_web.schedules.payloads import shown_run
from bellhop_web.site import pages_blueprint, render
from bellhop_web.site.forms import valid_query
from bellhop_web.site.zones import use_zone

bp = pages_blueprint("schedule_runs", "/schedules", access=Access.VIEWER)

ANY = ("", "any")
STATES = [ANY, *((state.value, state.value) for state in State)]
OUTCOMES = [ANY, *((outcome.value, outcome.value) for outcome in Outcome)]


@bp.get("/<uuid:id>/runs")
def index(id: UUID) -> Response:
    """List the runs of a schedule."""
    query, faults = valid_query(RunQuery)
    with transaction() as db:
        schedule = find_view(db, id)
        found = history(db, id, query)
    use_zone(schedule.time_zone)
    older = found.next_cursor and url_for(".index", id=id, **query.filters, cursor=found.next_cursor)
    facts = {"schedule": schedule, "query": query, "faults_found": faults, "states": STATES, "outcomes": OUTCOMES}
    runs = [shown_run(run) for run in found.runs]
    return render("schedules/runs.html", 422 if faults else 200, runs=runs, older=older, **facts)
