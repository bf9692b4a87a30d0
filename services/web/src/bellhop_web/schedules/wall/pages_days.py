"""The page of one schedule day by day, as far back as its jobs and its history are kept."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from flask import Response, request, url_for

from bellhop.errors import Fault, Invalid
from bellhop_ledger.platform.clock import now
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.zones import find_zone, local_time
from bellhop_web.auth.access import Access
from bellhop_web.schedules.listing import find_view
from bellhop_web.schedules.wall.drawing import LEGEND, axis, describe_row, row
from bellhop_web.schedules.wall.requests import day_in, day_of, hours_of
from bellhop_web.schedules.wall.wall import rows_of
from bellhop_web.site import pages_blueprint, render
from bellhop_web.site.zones import use_zone, zone

bp = pages_blueprint("schedule_days", "/schedules", access=Access.VIEWER)

DAYS = 7
"""On a page."""


@bp.get("/<uuid:id>/days")
def index(id: UUID) -> Response:
    """Show what a schedule did on seven days, the latest first; `until` is the last of them."""
    with transaction() as db:
        schedule = find_view(db, id)
        use_zone(schedule.time_zone)
        here, moment = find_zone(zone()), now()
        today = local_time(moment, here).date()
        last, faults = _last_day(today)
        windows = [(day, day_of(day, here)) for day in (last - timedelta(days=ago) for ago in range(DAYS))]
        days = [(day, window, rows_of(db, [schedule], window, moment)[0]) for day, window in windows]
    drawn = {"axis": axis(hours_of(windows[0][1], here), windows[0][1]), "draw": row, "describe": describe_row}
    facts: dict[str, Any] = {"schedule": schedule, "days": days, "legend": LEGEND, "faults_found": faults}
    return render("schedule_wall/days.html", 422 if faults else 200, **facts, **drawn, **_pages(id, last, today))


def _last_day(today: date) -> tuple[date, Sequence[Fault]]:
    given = request.args.get("until", "")
    try:
        return (min(day_in(given, "until"), today) if given else today), ()
    except Invalid as error:
        return today, error.faults


def _pages(id: UUID, last: date, today: date) -> dict[str, str | None]:
    newer = min(last + timedelta(days=DAYS), today)
    return {
        "older": url_for(".index", id=id, until=(last - timedelta(days=DAYS)).isoformat()),
        "newer": url_for(".index", id=id, until=newer.isoformat()) if last < today else None,
    }
