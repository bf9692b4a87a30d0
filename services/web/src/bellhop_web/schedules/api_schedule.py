"""Routes of /api/schedules/<id>: look, change, delete, pause, resume."""

from uuid import UUID

from flask import Response
from pydantic import Field

from bellhop_ledger.audit import Action as Audited
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.schedules import edit, pausing
from bellhop_web.auth.access import Access
from bellhop_web.auth.acts import note
from bellhop_web.auth.callers import current_caller
from bellhop_web.holds.requests import PauseRequest
from bellhop_web.http.answers import respond
from bellhop_web.http.request import Parameters
from bellhop_web.openapi.library import answers, blueprint
from bellhop_web.schedules.listing import find_view
from bellhop_web.schedules.ownership import find_for_caller, locked_for_caller, require_allowed, require_runnable
from bellhop_web.schedules.payloads import shown
from bellhop_web.schedules.requests import ScheduleChanges, merge
from bellhop_web.schedules.views import ScheduleView

bp = blueprint("schedule", "/api/schedules", tag="schedules", access=Access.SCHEDULES)


class SchedulePath(Parameters):
    """Which schedule."""

    schedule_id: UUID = Field(description="The schedule's `id`")


@bp.get("/<id:schedule_id>", responses=answers(200, ScheduleView, 404))
def show_schedule(path: SchedulePath) -> Response:
    """Show a schedule, also a deleted one."""
    with transaction() as db:
        find_for_caller(db, path.schedule_id)
        found = find_view(db, path.schedule_id)
    return respond(shown(found))


@bp.patch("/<id:schedule_id>", responses=answers(200, ScheduleView, 400, 404, 409, 413, 415))
def change_schedule(path: SchedulePath, body: ScheduleChanges) -> Response:
    """Change a schedule. It takes effect at once.

    The next run is recalculated only when something changes that decides it. One that is
    declared in code is a conflict.
    """
    with transaction() as db:
        schedule = locked_for_caller(db, path.schedule_id, version=body.version)
        edit.refuse_declared(schedule)
        require_runnable(schedule)  # its secrets are part of what it runs
        values = merge(schedule, body)
        require_allowed(values)
        if edit.change(db, schedule, values, by=current_caller().name):
            note(db, Audited.SCHEDULE_CHANGED, "schedule", schedule.id, name=schedule.name)
        found = find_view(db, path.schedule_id)
    return respond(shown(found))


@bp.delete("/<id:schedule_id>", responses=answers(200, ScheduleView, 404, 409))
def delete_schedule(path: SchedulePath) -> Response:
    """Delete a schedule. Its jobs go on, and its history can be read for as long as jobs are kept."""
    with transaction() as db:
        schedule = locked_for_caller(db, path.schedule_id)
        edit.refuse_declared(schedule)
        edit.delete(db, schedule, by=current_caller().name)
        note(db, Audited.SCHEDULE_DELETED, "schedule", schedule.id, name=schedule.name)
        found = find_view(db, path.schedule_id)
    return respond(shown(found))


@bp.post("/<id:schedule_id>/pause", responses=answers(200, ScheduleView, 400, 404, 409, 413, 415))
def pause_schedule(path: SchedulePath, body: PauseRequest) -> Response:
    """Pause a schedule. Again, it changes the reason and the end."""
    with transaction() as db:
        schedule = locked_for_caller(db, path.schedule_id)
        pausing.pause(db, schedule, reason=body.reason, until=body.end(), by=current_caller().name)
        note(db, Audited.SCHEDULE_PAUSED, "schedule", schedule.id, name=schedule.name, reason=body.reason)
        found = find_view(db, path.schedule_id)
    return respond(shown(found))


@bp.post("/<id:schedule_id>/resume", responses=answers(200, ScheduleView, 404))
def resume_schedule(path: SchedulePath) -> Response:
    """Resume a schedule that was paused or disabled, from the next run on. It must fit its task."""
    with transaction() as db:
        schedule = locked_for_caller(db, path.schedule_id)
        require_runnable(schedule)
        pausing.resume(db, schedule, by=current_caller().name)
        note(db, Audited.SCHEDULE_RESUMED, "schedule", schedule.id, name=schedule.name)
        found = find_view(db, path.schedule_id)
    return respond(shown(found))
