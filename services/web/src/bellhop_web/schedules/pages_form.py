"""Pages with the form of a schedule: for a new one, and what it says while one types."""

from collections.abc import Mapping
from typing import Any

from flask import Response, request
from werkzeug.wrappers import Response as AnyResponse

from bellhop.errors import Invalid, Refused
from bellhop_ledger.audit import Action as Audited
from bellhop_ledger.platform.clock import now
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.settings import Settings
from bellhop_ledger.platform.zones import zone_names
from bellhop_ledger.schedules import CatchUp, Overlap, Timing, edit
from bellhop_ledger.schedules.tables import rule_of
from bellhop_ledger.tasks.known import known_tasks
from bellhop_ledger.tasks.task import Task
from bellhop_web.auth.access import Access
from bellhop_web.auth.acts import note
from bellhop_web.auth.callers import current_caller
from bellhop_web.schedules.form import PRESETS, UNITS, Rule, ScheduleForm, WhenForm, checked, when_of
from bellhop_web.schedules.preview import PreviewView, preview
from bellhop_web.schedules.requests import NewSchedule, wanted, when
from bellhop_web.schema_forms.form import AS_JSON, Reading, SchemaForm
from bellhop_web.site import flash, pages_blueprint, read_form, render, see_other, show_again
from bellhop_web.site.zones import BROWSER, chosen

bp = pages_blueprint("schedule_forms", "/schedules", access=Access.VIEWER)

RUNS_TO_COME = 5
NEW = {"rule": Rule.CRONTAB, "crontab": "0 9 * * mon-fri", "interval_unit": 60}
CATCH_UPS = [(CatchUp.LATEST, "make up for the latest"), (CatchUp.ALL, "make up for each"), (CatchUp.SKIP, "skip them")]
OVERLAPS = [
    (Overlap.ALLOW, "run beside it"),
    (Overlap.SKIP, "skip the new one"),
    (Overlap.QUEUE, "let the new one wait"),
]
LOOKING = frozenset({"preview", "choose", "preset", "args:view"})
"""The buttons of the form that store nothing."""


@bp.get("/new")
def new_schedule() -> Response:
    """Ask for a new schedule. Dates are read in the zone that the reader chose, else in that of the browser."""
    if request.method == "POST":
        return form_page("schedules/new.html", request.form)
    zone = chosen()
    fixed = zone not in {"", BROWSER}
    begun = NEW | {"time_zone": zone if fixed else Settings.load().time_zone, "task": request.args.get("task", "")}
    return form_page("schedules/new.html", begun, of_browser=not fixed)


@bp.post("/new")
@show_again(new_schedule)
def create_schedule() -> Response | AnyResponse:
    """Create a schedule, or show the form again where one of its other buttons is used."""
    if LOOKING & request.form.keys():
        return look("schedules/new.html")
    body = checked(NewSchedule, read_form(ScheduleForm).body(arguments()))
    with transaction() as db:
        made = edit.create(db, wanted(body), by=current_caller().name)
        note(db, Audited.SCHEDULE_CREATED, "schedule", made.id, name=made.name)
    flash(f"{made.name} is scheduled.")
    return see_other("schedule_pages.show", id=made.id)


def arguments() -> Reading | None:
    """Return the arguments that were sent; None where no task is chosen."""
    task = known_tasks().get(request.form.get("task", ""))
    return SchemaForm.of(task).read(request.form, zone=request.form.get("time_zone") or "UTC") if task else None


def look(template: str, **context: Any) -> Response:
    """Show the form with what was typed: with what it would mean, of another task, or with its arguments as JSON.

    Raises Invalid for what cannot be read.
    """
    typed = request.form.to_dict()
    if preset := typed.pop("preset", None):
        typed |= {"crontab": preset, "rule": Rule.CRONTAB.value}
    reading = arguments()
    if "args:view" in typed and reading and reading.faults:
        raise Invalid(faults=reading.faults)
    seen = preview_of(read_form(WhenForm)) if "preview" in typed else None
    return form_page(template, typed, seen=seen, **context)


@bp.post("/preview")
def show_preview() -> Response:
    """Show what the form means so far: a part of a page."""
    try:
        return render("schedules/_preview.html", seen=preview_of(read_form(WhenForm)))
    except Refused as error:
        return render("schedules/_preview.html", problem=error.faults[0].message if error.faults else str(error))


def preview_of(form: WhenForm) -> PreviewView:
    """Return when something would run. Raises Invalid, which names the field."""
    values = when(when_of(form).model_dump())
    rule = rule_of(*(values[name] for name in ("crontab", "interval_seconds", "anchor", "once_at", "time_zone")))
    return preview(Timing(rule, values["starts_at"], values["ends_at"]), values["time_zone"], now(), RUNS_TO_COME)


def form_page(template: str, chosen: Mapping[str, Any], *, args: Any = None, **context: Any) -> Response:
    """Return the page with the form; `chosen` is what stands in its fields, and `args` the stored arguments."""
    known = known_tasks()
    task = known.get(str(chosen.get("task", "")))
    queues = [(name, name) for name in sorted(known.current().queues)]
    return render(
        template,
        chosen=chosen,
        task=task,
        form=_arguments_form(task, args) if task else None,
        tasks=[("", "Choose a task"), *((name, name) for name in known.current().tasks)],
        queues=queues,
        presets=PRESETS,
        zones=sorted(zone_names()),
        units=[(size, unit) for size, unit in reversed(UNITS)],
        catch_ups=CATCH_UPS,
        overlaps=OVERLAPS,
        **context,
    )


def _arguments_form(task: Task, args: Any) -> Any:
    """Return the fields of a task's arguments, with what was typed or what is stored."""
    form, zone = SchemaForm.of(task), request.form.get("time_zone") or "UTC"
    stored = args is not None
    if request.method != "POST":
        return form.show(args, zone=zone, stored=stored)
    reading, wanted = form.read(request.form, zone=zone), form.wants(request.form)
    as_json = wanted == AS_JSON if wanted else form.is_json(request.form)
    return form.show(reading.tree, zone=zone, stored=stored, as_json=as_json)
