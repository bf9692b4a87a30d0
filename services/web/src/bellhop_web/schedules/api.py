"""Routes of /api/schedules: create, list, preview, import."""

from typing import Annotated

from flask import Response
from pydantic import Field

from bellhop_ledger.audit import Action as Audited
from bellhop_ledger.platform.clock import now
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.schedules import Timing, edit
from bellhop_ledger.schedules.tables import rule_of
from bellhop_web.auth.access import Access
from bellhop_web.auth.acts import note
from bellhop_web.auth.callers import current_caller
from bellhop_web.http.answers import respond
from bellhop_web.openapi.library import answers, blueprint
from bellhop_web.schedules.importing import ImportRequest, ScheduleImportView, counts, import_all
from bellhop_web.schedules.listing import ScheduleQuery, page
from bellhop_web.schedules.ownership import require_allowed, whose
from bellhop_web.schedules.payloads import shown
from bellhop_web.schedules.preview import PreviewView, preview
from bellhop_web.schedules.requests import NewSchedule, When, wanted, when
from bellhop_web.schedules.views import SchedulePageView, ScheduleView, schedule_view

bp = blueprint("schedules", "/api/schedules", access=Access.SCHEDULES)


class PreviewRequest(When):
    """When something would run."""

    count: Annotated[int, Field(ge=1, le=100)] = Field(default=5, description="How many runs to show")


@bp.post("", responses=answers(201, ScheduleView, 400, 409, 413, 415))
def create_schedule(body: NewSchedule) -> Response:
    """Create a schedule. It takes effect at once."""
    values = wanted(body)
    require_allowed(values)
    with transaction() as db:
        made = edit.create(db, values, by=current_caller().name)
        note(db, Audited.SCHEDULE_CREATED, "schedule", made.id, name=made.name)
    return respond(shown(schedule_view(made)), 201, {"Location": f"/api/schedules/{made.id}"})


@bp.get("", responses=answers(200, SchedulePageView))
def list_schedules(query: ScheduleQuery) -> Response:
    """List schedules by name, each with its next and its latest run."""
    with transaction() as db:
        found = page(db, query, whose=whose(current_caller()))
    found.schedules = [shown(schedule) for schedule in found.schedules]
    return respond(found)


@bp.post("/preview", responses=answers(200, PreviewView, 400, 413, 415))
def preview_schedule(body: PreviewRequest) -> Response:
    """Show when something would run, before it is a schedule."""
    values = when(body.model_dump())
    rule = rule_of(*(values[name] for name in ("crontab", "interval_seconds", "anchor", "once_at", "time_zone")))
    timing = Timing(rule, values["starts_at"], values["ends_at"])
    return respond(preview(timing, values["time_zone"], now(), body.count))


@bp.post("/import", responses=answers(200, ScheduleImportView, 400, 409, 413, 415))
def import_schedules(body: ImportRequest) -> Response:
    """Create or change many schedules, known by their names: all of them, or none when one is wrong.

    What is the same already is left untouched, so the same file may be sent again. The body may
    have up to 16,000,000 bytes.
    """
    with transaction() as db:
        caller = current_caller()
        done = import_all(db, body, by=caller.name, caller=caller)
        note(db, Audited.SCHEDULES_IMPORTED, "schedule", **counts(done))
    return respond(done)
