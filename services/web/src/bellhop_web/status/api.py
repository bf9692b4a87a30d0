"""Routes of /api/status: what is wrong now."""

from flask import Response

from bellhop_web.auth.access import Access
from bellhop_web.http.answers import respond
from bellhop_web.openapi.library import answers, blueprint
from bellhop_web.status.line import current_status
from bellhop_web.status.views import StatusView, status_view

bp = blueprint("status", "/api/status", access=Access.VIEWER)


@bp.get("", responses=answers(200, StatusView))
def show_status() -> Response:
    """Show what is wrong now, in words, as it stands at the top of the pages of all but members.

    It is read at most every few seconds, once for all who ask.
    """
    return respond(status_view(current_status()))
