"""Routes of /api/bulk-actions: what would be done, what is done, and undoing it."""

from flask import Response

from bellhop_ledger.bulk_actions import asking
from bellhop_ledger.platform.database import transaction
from bellhop_web.auth.access import Access
from bellhop_web.bulk_actions import actions
from bellhop_web.bulk_actions.finding import found
from bellhop_web.bulk_actions.requests import BulkActionPath, PreviewQuery
from bellhop_web.bulk_actions.views import BulkActionQuery, BulkActionsView, BulkActionView, BulkPreviewView, page, view
from bellhop_web.http.answers import respond
from bellhop_web.openapi.library import answers, blueprint

bp = blueprint("bulk_actions", "/api/bulk-actions", tag="bulk-actions", access=Access.OPERATOR)


@bp.get("", responses=answers(200, BulkActionsView))
def list_bulk_actions(query: BulkActionQuery) -> Response:
    """List what was done to many jobs at once, the latest first. Each is kept as long as a job after its end."""
    with transaction() as db:
        shown = page(db, query)
    return respond(shown)


@bp.get("/preview", responses=answers(200, BulkPreviewView))
def preview_bulk_action(query: PreviewQuery) -> Response:
    """Show how many jobs a bulk action would be about; it changes nothing."""
    with transaction() as db:
        count = len(found(db, query.verb, query.q))
    return respond(BulkPreviewView(verb=query.verb, q=query.q, count=count))


@bp.get("/<id:bulk_action_id>", responses=answers(200, BulkActionView, 404))
def show_bulk_action(path: BulkActionPath) -> Response:
    """Show a bulk action and how far it has come."""
    with transaction() as db:
        shown = asking.find(db, path.bulk_action_id)
    return respond(view(shown))


@bp.post("/<id:bulk_action_id>/undo", responses=answers(200, BulkActionView, 404, 409))
def undo_bulk_action(path: BulkActionPath) -> Response:
    """Undo a bulk action that has not begun: it never does. One that is undone already stays as it is."""
    with transaction() as db:
        undone = actions.undo(db, path.bulk_action_id)
    return respond(view(undone))
