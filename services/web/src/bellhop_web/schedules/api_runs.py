"""Routes of /api/schedules/<id>: run now, what is to come, what was, and who changed what."""

from typing import Annotated
from uuid import UUID

from flask import Response
from pydantic import BeforeValidator, Field

from bellhop_ledger.audit import Action as Audited
from bellhop_ledger.platform.clock import now
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.schedules.run import run_now
from bellhop_web.auth.access import Access
from bellhop_web.auth.acts import note
from bellhop_web.auth.callers import current_caller
from bellhop_web.http.answers import respond
from bellhop_web.http.fields import number
from bellhop_web.http.request import Query
from bellhop_web.jobs.payloads import shown_to
from bellhop_web.jobs.requests import Origin, SubmitHeaders
from bellhop_web.jobs.views import JobView, view
from bellhop_web.openapi.library import answers, blueprint
from bellhop_web.schedules.api_schedule import SchedulePath
from bellhop_web.schedules.history import RunQuery, history
from bellhop_web.schedules.listing import ChangeQuery, change, changes
from bellhop_web.schedules.ownership import find_for_caller, locked_for_caller, require_runnable
from bellhop_web.schedules.payloads import shown_change, shown_run
from bellhop_web.schedules.preview import PreviewView, preview
from bellhop_web.schedules.views import ChangesView, ChangeView, RunsView

bp = blueprint("schedule_runs", "/api/schedules", tag="schedules", access=Access.SCHEDULES)


class ChangePath(SchedulePath):
    """Which change of which schedule."""

    change_id: UUID = Field(description="The change's `id`")


class CountQuery(Query):
    """How many runs to show."""

    count: Annotated[int, BeforeValidator(number)] = Field(default=5, ge=1, le=100, description="How many runs to show")


@bp.post("/<id:schedule_id>/run", responses=answers(202, JobView, 404, 409))
def run_schedule(header: SubmitHeaders, path: SchedulePath) -> Response:
    """Run a schedule now, whatever its next run is and whether it is paused or runs already."""
    origin = Origin.of(header)
    with transaction() as db:
        schedule = locked_for_caller(db, path.schedule_id)
        require_runnable(schedule)
        job = run_now(db, schedule, by=origin.submitter, request_id=origin.request_id, key=origin.key_of(()))
        note(db, Audited.SCHEDULE_RUN, "schedule", schedule.id, name=schedule.name, job=str(job.id))
    return respond(shown_to(current_caller(), view(job)), 202, {"Location": f"/api/jobs/{job.id}"})


@bp.get("/<id:schedule_id>/preview", responses=answers(200, PreviewView, 404))
def preview_runs(path: SchedulePath, query: CountQuery) -> Response:
    """Show the next runs, in the schedule's zone and in UTC; also of one that is paused."""
    with transaction() as db:
        schedule = find_for_caller(db, path.schedule_id, deleted=False)
    return respond(preview(schedule.timing, schedule.time_zone, now(), query.count))


@bp.get("/<id:schedule_id>/history", responses=answers(200, RunsView, 404))
def list_runs(path: SchedulePath, query: RunQuery) -> Response:
    """List the runs that were due, the latest first; the last 200 of each schedule are kept."""
    with transaction() as db:
        find_for_caller(db, path.schedule_id)
        found = history(db, path.schedule_id, query)
    found.runs = [shown_run(run) for run in found.runs]
    return respond(found)


@bp.get("/<id:schedule_id>/changes", responses=answers(200, ChangesView, 404))
def list_changes(path: SchedulePath, query: ChangeQuery) -> Response:
    """List who changed what and when, the latest first; the last 200 changes of each schedule are kept.

    What is too large for a list stands in the change itself.
    """
    with transaction() as db:
        find_for_caller(db, path.schedule_id)
        found = changes(db, path.schedule_id, query)
    found.changes = [shown_change(one) for one in found.changes]
    return respond(found)


@bp.get("/<id:schedule_id>/changes/<change_id>", responses=answers(200, ChangeView, 404))
def show_change(path: ChangePath) -> Response:
    """Show a change with all that it changed."""
    with transaction() as db:
        find_for_caller(db, path.schedule_id)
        found = change(db, path.schedule_id, path.change_id)
    return respond(shown_change(found))
