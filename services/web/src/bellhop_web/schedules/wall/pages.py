"""The page of the wall."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, render_template, url_for

from bellhop.errors import Invalid
from bellhop_ledger.platform.clock import now
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.settings import Settings
from bellhop_ledger.platform.zones import find_zone, local_time
from bellhop_web.auth.access import Access
from bellhop_web.live import topic
from bellhop_web.schedules.wall.drawing import LEGEND, axis, describe_row, row
from bellhop_web.schedules.wall.requests import LAST_NIGHT, WallQuery, Window, hours_of, window_of
from bellhop_web.schedules.wall.wall import wall
from bellhop_web.site import pages_blueprint, render
from bellhop_web.site.forms import valid_query
from bellhop_web.site.zones import use_zone, zone

bp = pages_blueprint("schedule_wall", "/schedules", access=Access.VIEWER)

SHOWN = 25
"""Schedules on a page."""


class DayQuery(WallQuery):
    """Which page of the wall, and which day: a date, `last-night`, or the last 24 h."""

    day: str = ""


@bp.get("/wall")
def index() -> Response:
    """Show what the schedules did: in the last 24 h, in the last night, or on a date."""
    use_zone(Settings.load().time_zone)
    query, faults = valid_query(DayQuery, limit=SHOWN)
    moment, here = now(), find_zone(zone())
    try:
        window = window_of(query.day, moment, here)
    except Invalid as error:
        faults, window = [*faults, *error.faults], window_of("", moment, here)
    facts = _facts(query, window, moment, here) | _days(query, window, moment, here)
    return render("schedule_wall/index.html", 422 if faults else 200, faults_found=faults, query=query, **facts)


def _facts(query: WallQuery, window: Window, moment: datetime, here: ZoneInfo) -> dict[str, Any]:
    with transaction() as db:
        found = wall(db, query, window, moment)
    hours = hours_of(window, here)
    more = found.next_cursor and url_for(".index", **query.filters, cursor=found.next_cursor)
    drawn = {"axis": axis(hours, window), "draw": row, "describe": describe_row, "legend": LEGEND, "window": window}
    return {"schedules": found.schedules, "more": more, **drawn}


def _days(query: DayQuery, window: Window, moment: datetime, here: ZoneInfo) -> dict[str, Any]:
    """Return where the links to other days lead."""
    shown = local_time(window.since, here).date()
    after = shown + timedelta(days=1)
    before = shown - timedelta(days=1) if query.day not in {"", LAST_NIGHT} else shown
    newer = after if query.day and after <= local_time(moment, here).date() else None
    kept = {name: value for name, value in query.filters.items() if name != "day"}
    days = {"older_day": before.isoformat(), "newer_day": newer and newer.isoformat()}
    return {"day": query.day, "last_night": LAST_NIGHT, "kept": kept, **days}


@topic("schedule_wall", access=Access.VIEWER, every=10.0)
def live(_: None) -> dict[str, str]:
    """Render the rows of the first page, for the last 24 h."""
    moment, here = now(), find_zone(zone())
    window = window_of("", moment, here)
    return {"wall": render_template("schedule_wall/_rows.html", **_facts(WallQuery(limit=SHOWN), window, moment, here))}
