"""Routes of /api/counts: counts of jobs over time."""

from flask import Response

from bellhop_ledger.platform.database import transaction
from bellhop_web.auth.access import Access
from bellhop_web.http.answers import respond
from bellhop_web.openapi.library import answers, blueprint
from bellhop_web.timeline.requests import CountsQuery
from bellhop_web.timeline.views import CountsView, counts_view

bp = blueprint("counts", "/api/counts", access=Access.VIEWER)


@bp.get("", responses=answers(200, CountsView))
def show_counts(query: CountsQuery) -> Response:
    """Count jobs in each minute, hour or day, together and by task: how they ended, how long they waited and ran.

    All counts are exact for what is before `counted_until`, and a percentile is at most 9.1 % from the exact one, or
    half a millisecond. An answer has at most 300 points, or 1,500 of one task or queue. Minutes are kept for 3 days,
    hours for 90 days and days for 5 years; hours and days are those of UTC. A minute is counted within a quarter of a
    minute after its end, and again when the last transaction has ended that was open then.
    """
    with transaction() as db:
        found = counts_view(db, query)
    return respond(found)
