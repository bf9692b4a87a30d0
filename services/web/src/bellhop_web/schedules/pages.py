"""Pages of schedules: the list, the form for a new one, and what it says while one types."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Response, render_template, url_for

from bellhop_ledger.platform.clock import now
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.schedules.jumps import JumpAhead, jumps_ahead
from bellhop_ledger.tasks.known import known_tasks
from bellhop_web.auth.access import Access
from bellhop_web.live import topic
from bellhop_web.schedules.health import Trouble
from bellhop_web.schedules.history import failed_runs, kind_of_run, latest_runs, state_of_run
from bellhop_web.schedules.listing import ScheduleQuery, Sort, page
from bellhop_web.schedules.preview import describe_jump
from bellhop_web.schedules.views import RunView, SchedulePageView, ScheduleState
from bellhop_web.site import pages_blueprint, render
from bellhop_web.site.forms import valid_query

bp = pages_blueprint("schedules", access=Access.VIEWER)
bp.add_app_template_filter(state_of_run)
bp.add_app_template_filter(kind_of_run)
bp.add_app_template_filter(failed_runs)

SHOWN, STRIP, RUNS_TO_COME = 30, 12, 5
"""Schedules on a page, runs in each of their strips, and runs of a preview."""

ANY = ("", "any")
TROUBLES = {Trouble.FAILING: "Failing", Trouble.LATE: "Late", Trouble.PAUSED: "Paused"}
JUMPS_AHEAD = timedelta(weeks=6)


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
