"""Routes of /api/failures: why jobs fail."""

from flask import Response

from bellhop_ledger.platform.database import transaction
from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import current_caller
from bellhop_web.failures.grouping import group
from bellhop_web.failures.requests import FailureQuery
from bellhop_web.failures.views import FailuresView, without_texts
from bellhop_web.http.answers import respond
from bellhop_web.openapi.library import answers, blueprint

bp = blueprint("failures", "/api/failures", access=Access.VIEWER)


@bp.get("", responses=answers(200, FailuresView))
def list_failures(query: FailureQuery) -> Response:
    """List why jobs have failed, were cancelled with an error, or are tried again: by reason, most jobs first.

    A reason is the type and the message of an error, in which numbers, ids, hosts and other values are masked. A job
    counts once, with its last error. One that somebody has retried counts no more until it fails again.
    """
    with transaction() as db:
        found = group(db, query)
    return respond(found if current_caller().sees_payloads else without_texts(found))
