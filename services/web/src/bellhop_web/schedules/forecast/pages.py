"""The page of what is to come."""

from datetime import datetime, timedelta

from flask import Response
from markupsafe import Markup

from bellhop_ledger.platform.clock import now
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.schedules.forecast import forecast
from bellhop_ledger.schedules.jumps import Effect, jumps_ahead
from bellhop_web.auth.access import Access
from bellhop_web.schedules.forecast.api import LIMIT, HoursQuery, WeeksQuery
from bellhop_web.schedules.forecast.views import ForecastView, PeakView, TaskLoadView, forecast_view, jump_view
from bellhop_web.schedules.preview import EFFECTS
from bellhop_web.site import pages_blueprint, render
from bellhop_web.site.charts.bars import Column, column_chart
from bellhop_web.site.format import amount, length, plural, stamp
from bellhop_web.site.forms import valid_query

bp = pages_blueprint("forecast", "/schedules", access=Access.VIEWER)

LISTED = 20
"""Schedules that are named for each jump."""


@bp.app_template_filter()
def effect_in_words(effect: Effect) -> str:
    """Return in words what a jump does to the runs of a schedule."""
    return EFFECTS[effect]


@bp.app_template_filter()
def peak_in_words(peak: PeakView) -> str:
    """Return in words how much there is to do in an hour."""
    words = plural(peak.runs, "run")
    if not peak.processes:
        return f"{words}, and no worker serves {peak.queue} now"
    whose = f"the {peak.processes} processes" if peak.processes > 1 else "the one process"
    if not peak.seconds:
        return f"{words} for {whose} of {peak.queue}"
    return f"{words}, about {length((peak.minutes or 0) * 60)} of {whose} of {peak.queue}"


class AheadQuery(HoursQuery, WeeksQuery):
    """How far ahead the page looks: hours for the load, and weeks for the jumps."""


@bp.get("/forecast")
def index() -> Response:
    """Show what is due in the next 24 h, hour by hour, and the jumps of clocks in the next weeks."""
    query, faults = valid_query(AheadQuery)
    moment = now()
    with transaction() as db:
        db.execute(LIMIT)
        found = forecast_view(forecast(db, moment, hours=query.hours))
        jumps = jumps_ahead(db, moment, moment + timedelta(weeks=query.weeks), most=LISTED)
    drawn = {"chart": chart(found), "fullest": _fullest, "jumps": [jump_view(one) for one in jumps]}
    status = 422 if faults else 200
    return render("forecast/index.html", status, forecast=found, query=query, faults_found=faults, **drawn)


def chart(found: ForecastView) -> Markup:
    """Draw the runs of each hour."""
    columns = [Column(stamp(hour.at, "minute"), {"runs": hour.runs}) for hour in found.hours]
    return column_chart(columns, title="Runs due in each hour", words=amount, height=170)


def _fullest(task: TaskLoadView, found: ForecastView) -> tuple[datetime, int]:
    """Return the hour in which the most runs of a task are due, and how many."""
    runs = max(task.runs)
    return found.hours[task.runs.index(runs)].at, runs
