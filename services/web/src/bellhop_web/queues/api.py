"""Routes of /api/queues: what waits where, who serves it, and when it will be empty."""

from flask import Response

from bellhop_ledger.platform.database import transaction
from bellhop_web.auth.access import Access
from bellhop_web.holds.requests import NamePath
from bellhop_web.http.answers import respond
from bellhop_web.openapi.library import answers, blueprint
from bellhop_web.queues.views import QueuesView, QueueView, all_queues, one_queue

bp = blueprint("queues", "/api/queues", access=Access.VIEWER)


@bp.get("", responses=answers(200, QueuesView))
def list_queues() -> Response:
    """List the queues: those of tasks, those that workers serve, and those in which jobs wait."""
    with transaction() as db:
        found = all_queues(db)
    return respond(QueuesView(queues=found))


@bp.get("/<name>", responses=answers(200, QueueView, 404))
def show_queue(path: NamePath) -> Response:
    """Show a queue."""
    with transaction() as db:
        found = one_queue(db, path.name)
    return respond(found)
