"""Routes of /api/queues: what waits where, and who serves it."""

from flask import Response

from bellhop_ledger.platform.database import transaction
from bellhop_web.auth.access import Access
from bellhop_web.http.answers import respond
from bellhop_web.openapi.library import answers, blueprint
from bellhop_web.queues.views import QueuesView, all_queues

bp = blueprint("queues", "/api/queues", access=Access.VIEWER)


@bp.get("", responses=answers(200, QueuesView))
def list_queues() -> Response:
    """List the queues: those of tasks, those that workers serve, and those in which jobs wait."""
    with transaction() as db:
        found = all_queues(db)
    return respond(QueuesView(queues=found))
