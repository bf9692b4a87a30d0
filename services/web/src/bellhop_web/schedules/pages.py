"""Pages of schedules: the list, the form for a new one, and what it says while one types."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Response, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from bellhop.errors import Refused
from bellhop_ledger.audit import Action as Audited
from bellhop_ledger.platform.clock import now
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.settings import Settings
from bellhop_ledger.platform.zones import zone_names
from bellhop_ledger.schedules import CatchUp, Overlap, Timing, edit
from bellhop_ledger.schedules.jumps import JumpAhead, jumps_ahead
from bellhop_ledger.schedules.tables import rule_of
from bellhop_ledger.tasks.known import known_tasks
from bellhop_ledger.tasks.task import Task
from bellhop_web.auth.access import Access
from bellhop_web.auth.acts import note
from bellhop_web.auth.callers import current_caller
from bellhop_web.live import topic
from bellhop_web.schedules.form import UNITS, Rule, ScheduleForm, WhenForm, checked, when_of
from bellhop_web.schedules.health import Trouble
from bellhop_web.schedules.history import failed_runs, kind_of_run, latest_runs, state_of_run
from bellhop_web.schedules.listing import ScheduleQuery, Sort, page
from bellhop_web.schedules.preview import PreviewView, describe_jump, preview
from bellhop_web.schedules.requests import NewSchedule, wanted, when
from bellhop_web.schedules.views import RunView, SchedulePageView, ScheduleState
from bellhop_web.site import flash, pages_blueprint, read_form, render, see_other, show_again
from bellhop_web.site.forms import valid_query

bp = pages_blueprint("schedules", access=Access.VIEWER)
bp.add_app_template_filter(state_of_run)
bp.add_app_template_filter(kind_of_run)
bp.add_app_template_filter(failed_runs)

SHOWN, STRIP, RUNS_TO_COME = 30, 12, 5
"""Schedules on a page, runs in each of their strips, and runs of a preview."""
NEW = {"rule": Rule.CRONTAB, "crontab": "0 9 * * mon-fri", "args": "{}", "interval_unit": 60}

ANY = ("", "any")
TROUBLES = {Trouble.FAILING: "Failing", Trouble.LATE: "Late", Trouble.PAUSED: "Paused"}
JUMPS_AHEAD = timedelta(weeks=6)

EMPTY: dict[str | None, Any] = {"string": "", "integer": 0, "number": 0, "boolean": False, "array": [], "object": {}}
"""What stands for a value of each JSON type until somebody fills it in."""

CATCH_UPS = [(CatchUp.LATEST, "make up for the latest"), (CatchUp.ALL, "make up for each"), (CatchUp.SKIP, "skip them")]
OVERLAPS = [
    (Overlap.ALLOW, "run beside it"),
    (Overlap.SKIP, "skip the new one"),
    (Overlap.QUEUE, "let the new one wait"),
]


@bp.app_template_filter()
def on_the_wall(local: str) -> str:
    """Write what a clock of the zone shows, from ISO 8601."""
    moment = datetime.fromisoformat(local)
    return f"{moment:%a %d %b %Y, %H:%M:%S}".removesuffix(":00")


@bp.app_template_filter()
def as_text(value: Any) -> str:
    """Write a value as JSON for people."""
    return json.dumps(value, indent=2 if isinstance(value, dict) else None, ensure_ascii=False)


@bp.app_template_filter()
def takes(task: Task) -> list[tuple[str, str, str]]:
    """Return a task's arguments: name, type and default, and what it means."""
    given = task.manifest.arguments.get("properties", {}).items()
    return [(name, f"{_kind(one)}, {_default(one)}", one.get("description", "")) for name, one in given]


@bp.app_template_filter()
def skeleton(task: Task) -> str:
    """Write the arguments that a task requires, as JSON to be filled in."""
    schema = task.manifest.arguments
    required = {name: EMPTY.get(schema["properties"][name].get("type")) for name in schema.get("required", [])}
    return json.dumps(required, indent=2) if required else "{}"


def _default(schema: dict[str, Any]) -> str:
    if "default" not in schema:
        return "required"
    return "not required" if schema["default"] in (None, {}, "") else f"{as_text(schema['default'])} if not given"


def _kind(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return " or ".join(schema["enum"])
    kinds = [one.get("type", "value") for one in schema.get("anyOf", [schema])]
    return " or ".join(kind for kind in kinds if kind != "null")


@bp.app_template_filter()
def trouble_in_words(trouble: Trouble | None) -> str:
    """Return the heading of the schedules with which this is wrong."""
    return TROUBLES[trouble] if trouble else "The others"


@bp.app_template_filter()
def jump_in_words(ahead: JumpAhead) -> str:
    """Return in words what the clock of a zone does."""
    return describe_jump(ahead.jump)


@bp.get("")
def index() -> Response:
    """List the schedules with their next and their last run, those in trouble first."""
    query, faults = valid_query(ScheduleQuery, limit=SHOWN, sort=Sort.TROUBLE)
    found, strips = _listed(query)
    more = url_for(".index", **query.filters, cursor=found.next_cursor) if found.next_cursor else None
    states = [state for state in ScheduleState if state is not ScheduleState.DELETED]
    filtered = query.filters.keys() - {"sort"}
    return render(
        "schedules/index.html",
        422 if faults else 200,
        faults_found=faults,
        schedules=found.schedules,
        strips=strips,
        more=more,
        query=query,
        filtered=filtered,
        states=[ANY, *((state.value, state.value) for state in states)],
        troubles=[ANY, *((one.value, TROUBLES[one].lower()) for one in Trouble)],
        tasks=list(known_tasks().current().tasks),
        jumps=[] if filtered or query.cursor else _jumps(),
    )


def _jumps() -> list[JumpAhead]:
    moment = now()
    with transaction() as db:
        return jumps_ahead(db, moment, moment + JUMPS_AHEAD, most=0)


def _listed(query: ScheduleQuery) -> tuple[SchedulePageView, dict[UUID, list[RunView]]]:
    with transaction() as db:
        found = page(db, query)
        return found, latest_runs(db, [schedule.id for schedule in found.schedules], STRIP)


@topic("schedules", access=Access.VIEWER)
def live_list(_: None) -> dict[str, str]:
    """Render the first page of the list."""
    found, strips = _listed(ScheduleQuery(limit=SHOWN, sort=Sort.TROUBLE))
    return {"schedules": render_template("schedules/_list.html", schedules=found.schedules, strips=strips)}


@bp.get("/new")
def new_schedule() -> Response:
    """Ask for a new schedule."""
    task = request.args.get("task", "")
    chosen = NEW | {"time_zone": Settings.load().time_zone, "task": task}
    if (known := known_tasks().get(task)) is not None:
        chosen["args"] = skeleton(known)
    return form_page("schedules/new.html", chosen)


@bp.post("/new")
@show_again(new_schedule)
def create_schedule() -> Response | AnyResponse:
    """Create a schedule, or say what it would mean where that is asked."""
    if "preview" in request.form:
        return form_page("schedules/new.html", request.form, seen=preview_of(read_form(WhenForm)))
    body = checked(NewSchedule, read_form(ScheduleForm).body())
    with transaction() as db:
        made = edit.create(db, wanted(body), by=current_caller().name)
        note(db, Audited.SCHEDULE_CREATED, "schedule", made.id, name=made.name)
    flash(f"{made.name} is scheduled.")
    return see_other("schedule_pages.show", id=made.id)


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


def form_page(template: str, chosen: Any, **context: Any) -> Response:
    """Return the page with the form; `chosen` is what stands in its fields."""
    known = known_tasks().current().tasks
    return render(
        template,
        chosen=chosen,
        tasks=[(name, name) for name in known],
        descriptions=list(known.values()),
        zones=sorted(zone_names()),
        units=[(size, unit) for size, unit in reversed(UNITS)],
        catch_ups=CATCH_UPS,
        overlaps=OVERLAPS,
        **context,
    )
