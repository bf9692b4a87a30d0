"""Route of /api/schedules/wall."""

from flask import Response

from bellhop_ledger.platform.clock import now
from bellhop_ledger.platform.database import transaction
from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import current_caller
from bellhop_web.http.answers import respond
from bellhop_web.openapi.library import answers, blueprint
from bellhop_web.schedules.ownership import whose
from bellhop_web.schedules.wall.requests import WallQuery
from bellhop_web.schedules.wall.views import WallView
from bellhop_web.schedules.wall.wall import wall

bp = blueprint("schedule_wall", "/api/schedules", tag="schedules", access=Access.SCHEDULES)


@bp.get("/wall", responses=answers(200, WallView))
def show_wall(query: WallQuery) -> Response:
    """Show what schedules did in the last 24 h or in another time of at most 48 h, run by run, trouble first.

    Those that are `failing` come first, then those that are `late`, those of which a run failed meanwhile, those that
    are `paused`, and then the others that had runs; among them by name.
    """
    moment = now()
    window = query.window(moment)
    with transaction() as db:
        found = wall(db, query, window, moment, whose=whose(current_caller()))
    return respond(found)
