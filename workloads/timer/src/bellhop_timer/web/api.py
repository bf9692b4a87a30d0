"""Routes of /api/timer."""

from flask import Response

from bellhop_timer.web.views import TimerView, read_timer
from bellhop_web.plugin import Access, answers, blueprint, respond

bp = blueprint("timer", "/api/timer", access=Access.PUBLIC)


@bp.get("", responses=answers(200, TimerView))
def show_timer() -> Response:
    """Show the seconds that were counted since the start, how many were late and how many were missed."""
    return respond(read_timer())
