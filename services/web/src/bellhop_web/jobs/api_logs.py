"""Route of /api/jobs/<id>/logs, and the topic that tells applications when it has something new."""

from uuid import UUID

from flask import Response

from bellhop_ledger.ledger import control
from bellhop_ledger.ledger.job_logs import JobLog
from bellhop_ledger.platform.database import transaction
from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import Caller, current_caller
from bellhop_web.http.answers import respond
from bellhop_web.jobs.api_job import JobPath
from bellhop_web.jobs.logs import JobLogView, LogQuery, log_of, withheld_log
from bellhop_web.jobs.ownership import find_for_caller, sees
from bellhop_web.jobs.payloads import sees_payload
from bellhop_web.live import topic
from bellhop_web.live.topics import Fragments
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


def may_follow(caller: Caller | None, id: UUID) -> bool:
    """Whether somebody sees the log of a job; strangers are asked who they are elsewhere."""
    if caller is None:
        return True
    try:
        with transaction() as db:
            job = control.find(db, id)
    except control.NoSuchJob:
        return caller.sees_all  # who is then told so; to the others it is one that they may not see
    return sees(caller, job) and sees_payload(caller, job)


@topic("job_news", key=UUID, access=Access.OWN, every=1, may=may_follow, exists=control.find)
def live_news(job_id: UUID) -> Fragments:
    """Show the state of a job and how many lines it has logged, for who then asks the API what they are.

    No page shows it, so there is nothing in it that a member or an application may not see.
    """
    with transaction() as db:
        job, log = control.find(db, job_id), db.get(JobLog, job_id)
        return {"state": job.state, "lines": str(log.lines if log else 0)}
