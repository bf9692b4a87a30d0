"""Routes of what is to come: /api/schedules/forecast and /api/schedules/jumps."""

from datetime import timedelta
from typing import Annotated

from flask import Response
from pydantic import BeforeValidator, Field
from sqlalchemy import text

from bellhop_ledger.platform.clock import now
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.schedules.forecast import forecast
from bellhop_ledger.schedules.jumps import jumps_ahead
from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import current_caller
from bellhop_web.http.answers import respond
from bellhop_web.http.fields import number
from bellhop_web.http.request import Query
from bellhop_web.openapi.library import answers, blueprint
from bellhop_web.schedules.forecast.views import ForecastView, JumpsView, forecast_view, jump_view
from bellhop_web.schedules.ownership import whose

bp = blueprint("forecast", "/api/schedules", tag="schedules", access=Access.SCHEDULES)
LIMIT = text("SET LOCAL statement_timeout = '5s'")


class HoursQuery(Query):
    """How far ahead."""

    hours: Annotated[int, BeforeValidator(number)] = Field(
        default=24, ge=1, le=48, description="How many hours are shown, the present one among them"
    )


class WeeksQuery(Query):
    """How far ahead."""

    weeks: Annotated[int, BeforeValidator(number)] = Field(
        default=6, ge=1, le=53, description="How many weeks are looked ahead"
    )


@bp.get("/forecast", responses=answers(200, ForecastView))
def show_forecast(query: HoursQuery) -> Response:
    """Show how many runs are due in each hour to come, by task, and how long they will take.

    It follows from the schedules as they are now. Jitter, and that a run may wait for the end of an earlier one, are
    left out of account.
    """
    with transaction() as db:
        db.execute(LIMIT)
        found = forecast(db, now(), hours=query.hours, whose=whose(current_caller()))
    return respond(forecast_view(found))


@bp.get("/jumps", responses=answers(200, JumpsView))
def list_jumps(query: WeeksQuery) -> Response:
    """List where clocks jump, such as for daylight saving time, and which schedules that touches.

    Of each zone that a crontab is read in it is the next jump. One that touches nothing is left out.
    """
    moment = now()
    with transaction() as db:
        db.execute(LIMIT)
        found = jumps_ahead(db, moment, moment + timedelta(weeks=query.weeks), whose=whose(current_caller()))
    return respond(JumpsView(jumps=[jump_view(one) for one in found]))
