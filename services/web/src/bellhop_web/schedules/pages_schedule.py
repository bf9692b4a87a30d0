"""Pages of one schedule: what it does and did, its form, and the buttons."""

from typing import Any
from uuid import UUID

from flask import Response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from bellhop_ledger.audit import Action as Audited
from bellhop_ledger.platform.clock import now
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.schedules import edit, pausing
from bellhop_ledger.schedules.run import run_now
from bellhop_web.auth.access import Access
from bellhop_web.auth.acts import note
from bellhop_web.auth.callers import current_caller
from bellhop_web.auth.names import names_of
from bellhop_web.holds.requests import LENGTHS, PauseForm
from bellhop_web.http.request import request_id
from bellhop_web.jobs.payloads import may_listen, require_payloads
from bellhop_web.live import topic
from bellhop_web.schedules.form import ScheduleForm, checked, typed_in, without_untouched
from bellhop_web.schedules.history import RunQuery, history, latest_runs
from bellhop_web.schedules.listing import ChangeQuery, changes, find_view
from bellhop_web.schedules.pages_form import LOOKING, RUNS_TO_COME, arguments, form_page, look
from bellhop_web.schedules.payloads import are_withheld, change_without_args, without_args, without_error
from bellhop_web.schedules.preview import preview
from bellhop_web.schedules.requests import ScheduleChanges, merge
from bellhop_web.schedules.views import ScheduleState, schedule_view
from bellhop_web.site import flash, pages_blueprint, read_form, render, see_other, show_again
from bellhop_web.site.zones import use_zone

bp = pages_blueprint("schedule", "/schedules", access=Access.VIEWER)

STRIP, LATEST, CHANGES = 60, 10, 20
"""Runs in the strip and in the table, and changes in the list."""
LIVE = ("state", "history", "coming", "changes")
"""The parts of a schedule's page that change by themselves."""


@bp.get("/<uuid:id>")
def show(id: UUID) -> Response:
    """Show what a schedule does, what it did, and who changed it."""
    return render("schedules/show.html", **_facts(id, withheld=are_withheld()))


def _facts(id: UUID, *, withheld: bool) -> dict[str, Any]:
    with transaction() as db:
        schedule = find_view(db, id)
        runs = latest_runs(db, [id], STRIP)[id]
        latest = history(db, id, RunQuery(limit=LATEST)).runs
        made = changes(db, id, ChangeQuery(limit=CHANGES)).changes
        names = names_of(db, {change.changed_by for change in made} | {schedule.created_by, schedule.paused_by or ""})
        timing = edit.find(db, id).timing if schedule.state is ScheduleState.ACTIVE else None
    if withheld:
        schedule, made = without_args(schedule), [change_without_args(one) for one in made]
        latest = [without_error(run) for run in latest]
    use_zone(schedule.time_zone)
    to_come = preview(timing, schedule.time_zone, now(), RUNS_TO_COME) if timing else None
    seen = {"schedule": schedule, "runs": runs, "latest": latest, "changes": made, "names": names, "seen": to_come}
    return seen | {"lengths": LENGTHS, "withheld": withheld}


@topic("schedule", access=Access.VIEWER, key=UUID, every=2.0, exists=find_view, may=may_listen)
def live(id: UUID) -> dict[str, str]:
    """Render what may change on a schedule's page."""
    return _fragments(id, withheld=False)


@topic("schedule_outline", access=Access.VIEWER, key=UUID, every=2.0, exists=find_view)
def live_outline(id: UUID) -> dict[str, str]:
    """Render the same without arguments."""
    return _fragments(id, withheld=True)


def _fragments(id: UUID, *, withheld: bool) -> dict[str, str]:
    facts = _facts(id, withheld=withheld)
    return {part: render_template(f"schedules/_{part}.html", **facts) for part in LIVE}


@bp.get("/<uuid:id>/edit")
def edit_schedule(id: UUID) -> Response:
    """Ask what is to change; the form holds its arguments."""
    require_payloads(current_caller())
    with transaction() as db:
        schedule = edit.find(db, id)
        edit.refuse_declared(schedule)
        view = schedule_view(schedule)
    chosen = request.form if request.method == "POST" else typed_in(view)
    return form_page("schedules/edit.html", chosen, args=view.args, schedule=view)


@bp.post("/<uuid:id>/edit")
@show_again(edit_schedule)
def change_schedule(id: UUID) -> Response | AnyResponse:
    """Change a schedule, or say what it would mean where that is asked."""
    require_payloads(current_caller())
    if LOOKING & request.form.keys():
        with transaction() as db:
            view = schedule_view(edit.find(db, id))
        return look("schedules/edit.html", args=view.args, schedule=view)
    given = read_form(ScheduleForm).body(arguments())
    with transaction() as db:
        schedule = edit.locked(db, id, version=request.form.get("version", type=int))
        edit.refuse_declared(schedule)
        body = checked(ScheduleChanges, without_untouched(given, schedule_view(schedule)))
        differs = edit.change(db, schedule, merge(schedule, body), by=current_caller().name)
        if differs:
            note(db, Audited.SCHEDULE_CHANGED, "schedule", id, name=schedule.name)
    flash("Saved. It takes effect at once." if differs else "Nothing differs, so nothing was changed.")
    return see_other(".show", id=id)


@bp.post("/<uuid:id>/run")
def run_schedule(id: UUID) -> AnyResponse:
    """Run it now."""
    with transaction() as db:
        schedule = edit.locked(db, id)
        job = run_now(db, schedule, by=current_caller().name, request_id=request_id())
        note(db, Audited.SCHEDULE_RUN, "schedule", id, name=schedule.name, job=str(job.id))
    flash("It runs now.")
    return see_other(".show", id=id)


@bp.post("/<uuid:id>/pause")
@show_again(show)
def pause_schedule(id: UUID) -> AnyResponse:
    """Pause it."""
    form = read_form(PauseForm)
    with transaction() as db:
        schedule = edit.locked(db, id)
        pausing.pause(db, schedule, reason=form.reason, until=form.until, by=current_caller().name)
        note(db, Audited.SCHEDULE_PAUSED, "schedule", id, name=schedule.name, reason=form.reason)
    flash("Paused. Nothing runs until it is resumed.")
    return see_other(".show", id=id)


@bp.post("/<uuid:id>/resume")
def resume_schedule(id: UUID) -> AnyResponse:
    """Resume it from the next run on."""
    with transaction() as db:
        schedule = edit.locked(db, id)
        pausing.resume(db, schedule, by=current_caller().name)
        note(db, Audited.SCHEDULE_RESUMED, "schedule", id, name=schedule.name)
    flash("Resumed, from the next run on.")
    return see_other(".show", id=id)


@bp.post("/<uuid:id>/delete")
def delete_schedule(id: UUID) -> AnyResponse:
    """Delete it."""
    with transaction() as db:
        schedule = edit.locked(db, id)
        edit.refuse_declared(schedule)
        edit.delete(db, schedule, by=current_caller().name)
        note(db, Audited.SCHEDULE_DELETED, "schedule", id, name=schedule.name)
    flash(f"{schedule.name} is deleted. Its jobs go on.")
    return see_other("schedules_pages.index")
