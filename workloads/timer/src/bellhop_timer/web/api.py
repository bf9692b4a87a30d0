"""Routes of /api/timer."""

from flask import Response

from bellhop_ledger.api import transaction
from bellhop_timer.web.views import TimerView, read_timer
from bellhop_web.plugin import Access, answers, blueprint, respond

bp = blueprint("timer", "/api/timer", access=Access.PUBLIC)


@bp.get("", responses=answers(200, TimerView))
def show_timer() -> Response:
    """Show the seconds that were counted since the start, how many were late and how many were missed."""
    with transaction() as db:
        found = read_timer(db)
    return respond(found)
