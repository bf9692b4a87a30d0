"""Routes of /api/jobs that retry or cancel all jobs that a query finds."""

from flask import Response

from bellhop_ledger.bulk_actions.tables import Verb
from bellhop_ledger.platform.database import transaction
from bellhop_web.auth.access import Access
from bellhop_web.bulk_actions import actions
from bellhop_web.bulk_actions.requests import BulkHeaders, BulkRequest
from bellhop_web.bulk_actions.views import BulkActionView, view
from bellhop_web.http.answers import respond
from bellhop_web.jobs.requests import Origin
from bellhop_web.openapi.library import answers, blueprint

bp = blueprint("bulk_jobs", "/api/jobs", tag="bulk-actions", access=Access.OPERATOR)


@bp.post("/retry", responses=answers(202, BulkActionView, 400, 409, 413, 415))
def retry_jobs(header: BulkHeaders, body: BulkRequest) -> Response:
    """Retry the failed jobs that a query finds: exactly these, or none where their number has changed.

    It begins at once, or after `delay`, in which it can be undone; watch it at the address in `Location`. A job that
    was retried meanwhile is left alone.
    """
    return _ask(Verb.RETRY, header, body)


@bp.post("/cancel", responses=answers(202, BulkActionView, 400, 409, 413, 415))
def cancel_jobs(header: BulkHeaders, body: BulkRequest) -> Response:
    """Cancel the unfinished jobs that a query finds: exactly these, or none where their number has changed.

    As with retrying many. Those that wait never run, and running ones are stopped within seconds.
    """
    return _ask(Verb.CANCEL, header, body)


def _ask(verb: Verb, header: BulkHeaders, body: BulkRequest) -> Response:
    origin = Origin.of_request(header)
    with transaction() as db:
        made = actions.ask(db, verb, body, origin)
    return respond(view(made), 202, {"Location": f"/api/bulk-actions/{made.id}"})
