"""Routes of /api/jobs/<id>: look, wait, cancel, retry."""

from flask import Response
from pydantic import Field

from bellhop_ledger.audit import Action as Audited
from bellhop_ledger.ledger import control
from bellhop_ledger.ledger.tables import LiveJob
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.settings import Settings
from bellhop_web.auth.access import Access
from bellhop_web.auth.acts import note
from bellhop_web.auth.callers import current_caller
from bellhop_web.http.answers import respond
from bellhop_web.http.fields import JobId
from bellhop_web.http.request import Parameters
from bellhop_web.jobs.attempts import AttemptsView, attempts_view
from bellhop_web.jobs.events import EventQuery, EventsView, events_page
from bellhop_web.jobs.ownership import find_for_caller, find_to_change, find_to_submit_again
from bellhop_web.jobs.payloads import row_without, sees_payload, shown_to
from bellhop_web.jobs.views import JobView, for_its_user, view
from bellhop_web.jobs.waiting import WaitQuery, wait_for
from bellhop_web.openapi.library import answers, blueprint

bp = blueprint("job", "/api/jobs", tag="jobs", access=Access.OWN)


class JobPath(Parameters):
    """Which job."""

    job_id: JobId = Field(
        description="The job's `id`, from its receipt; for one that a Celery client has sent, also the client's task id"
    )


@bp.get("/<id:job_id>", responses=answers(200, JobView, 404))
def show_job(path: JobPath, query: WaitQuery) -> Response:
    """Show a job; with `wait`, as soon as it has ended.

    Members see those that they have asked for, without `worker` and `traceback`.
    """
    caller = current_caller()
    if not caller.sees_all:
        with transaction() as db:
            find_for_caller(db, path.job_id)
    shown = wait_for(path.job_id, query.wait)
    return respond(shown_to(caller, shown) if caller.sees_internals else for_its_user(shown))


@bp.get("/<id:job_id>/attempts", responses=answers(200, AttemptsView, 404))
def list_attempts(path: JobPath) -> Response:
    """List the attempts of a job, oldest first: each with what became of it, and why.

    The last one may be running, or have ended as the job did. Members see those of their own jobs, without
    `worker` and `traceback`.
    """
    with transaction() as db:
        job = find_for_caller(db, path.job_id)
    shown = job if sees_payload(current_caller(), job) else row_without(job)
    return respond(attempts_view(shown, private=current_caller().sees_internals))


@bp.get("/<id:job_id>/events", responses=answers(200, EventsView, 404))
def list_events(path: JobPath, query: EventQuery) -> Response:
    """List what was done to a job, oldest first: who has retried, cancelled or moved it, and in which request.

    Members see those of their own jobs.
    """
    with transaction() as db:
        job = find_for_caller(db, path.job_id)
        found = events_page(db, job, query, withheld=not sees_payload(current_caller(), job))
    return respond(found)


@bp.post("/<id:job_id>/cancel", responses=answers(202, JobView, 404, 409))
def cancel_job(path: JobPath) -> Response:
    """Cancel a job.

    One that waits never runs. A running one is stopped within seconds: it is still `running` in
    the answer. One that was cancelled before is given as it is; one that succeeded or failed is
    a conflict. Members cancel their own, of tasks that they may submit.
    """
    with transaction() as db:
        find_to_change(db, path.job_id)
        keep = Settings.load().retention_hours * 3600
        job = control.cancel(db, path.job_id, keep=keep, by=current_caller().actor)
        note(db, Audited.JOB_CANCELLED, "job", job.id)
        shown = shown_to(current_caller(), view(job, db.get(LiveJob, job.id)))
    return respond(shown, 202)


@bp.post("/<id:job_id>/retry", responses=answers(202, JobView, 404, 409))
def retry_job(path: JobPath) -> Response:
    """Try a failed or cancelled job again.

    It is queued at once and has all its attempts again; its attempts stay as they were, and the retry is
    one of its events.
    In any other state it is a conflict. Members retry their own, likewise.
    """
    with transaction() as db:
        find_to_submit_again(db, path.job_id)
        job = control.retry(db, path.job_id, by=current_caller().actor)
        note(db, Audited.JOB_RETRIED, "job", job.id)
    return respond(shown_to(current_caller(), view(job)), 202)
