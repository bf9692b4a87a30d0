"""Route of /api/jobs/<id>/logs."""

from flask import Response

from bellhop_ledger.platform.database import transaction
from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import current_caller
from bellhop_web.http.answers import respond
from bellhop_web.jobs.api_job import JobPath
from bellhop_web.jobs.logs import JobLogView, LogQuery, log_of, withheld_log
from bellhop_web.jobs.ownership import find_for_caller
from bellhop_web.jobs.payloads import sees_payload
from bellhop_web.openapi.library import answers, blueprint

bp = blueprint("job_logs", "/api/jobs", tag="jobs", access=Access.OWN)


@bp.get("/<id:job_id>/logs", responses=answers(200, JobLogView, 404))
def show_job_logs(path: JobPath, query: LogQuery) -> Response:
    """Show what a job has logged and printed, also while it runs: each line is there within a second.

    Of each job the newest 64 KiB are kept. To follow it, ask again with `after` until it has ended. Members see
    the logs of their own jobs.
    """
    caller = current_caller()
    with transaction() as db:
        job = find_for_caller(db, path.job_id)
        if not sees_payload(caller, job):
            return respond(withheld_log(job))
        shown = log_of(db, job, after=query.after, with_tracebacks=caller.sees_internals)
    return respond(shown)
