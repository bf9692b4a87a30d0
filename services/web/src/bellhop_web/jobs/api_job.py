"""Routes of /api/jobs/<id>: look, wait, cancel, retry."""

import time
from collections.abc import Callable
from typing import Protocol, TypeVar
from uuid import UUID

from flask import Response, current_app
from pydantic import Field
from sqlalchemy.orm import Session

from bellhop_ledger.ledger import control
from bellhop_ledger.ledger.tables import LiveJob, State
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.settings import Settings
from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import current_caller
from bellhop_web.http import metrics
from bellhop_web.http.fields import JobId, Parameters, Query, Wait
from bellhop_web.jobs.views import JobView, for_its_user, view
from bellhop_web.jobs.waiting import Waiters
from bellhop_web.openapi.library import answers, blueprint, respond

bp = blueprint("job", "/api/jobs", tag="jobs", users=("show_job",))


class JobPath(Parameters):
    """Which job."""

    job_id: JobId = Field(
        description="The job's `id`, from its receipt; for one that a Celery client has sent, also the client's task id"
    )


class WaitQuery(Query):
    """How long to wait for the end."""

    wait: Wait = Field(
        default=0,
        description="Seconds to wait for the end. The answer comes as soon as it is there, and in any case when "
        "the time is up; look at `state`. A busy server may answer sooner.",
        examples=[30],
    )


@bp.get("/<id:job_id>", responses=answers(200, JobView, 404))
def show_job(path: JobPath, query: WaitQuery) -> Response:
    """Show a job; with `wait`, as soon as it has ended.

    Operators see every job, others those that their own requests made, without `worker` and `traceback`.
    """
    if current_caller().may(Access.OPERATOR):
        return respond(wait_for(path.job_id, query.wait))
    _refuse_foreign(path.job_id)
    return respond(for_its_user(wait_for(path.job_id, query.wait)))


def _refuse_foreign(id: UUID) -> None:
    """Raise NoSuchJob for a job that somebody else has asked for."""
    with transaction() as db:
        if control.find(db, id).user_id != current_caller().user_id:
            raise control.NoSuchJob


@bp.post("/<id:job_id>/cancel", responses=answers(202, JobView, 404, 409))
def cancel_job(path: JobPath) -> Response:
    """Cancel a job.

    One that waits never runs. A running one is stopped within seconds: it is still `running` in
    the answer. One that was cancelled before is given as it is; one that succeeded or failed is
    a conflict.
    """
    with transaction() as db:
        job = control.cancel(db, path.job_id, keep=Settings.load().retention_hours * 3600)
        shown = view(job, db.get(LiveJob, job.id))
    return respond(shown, 202)


@bp.post("/<id:job_id>/retry", responses=answers(202, JobView, 404, 409))
def retry_job(path: JobPath) -> Response:
    """Try a failed or cancelled job again.

    It is queued at once and has all its attempts again; how it ended and who retried it stays in `past_attempts`.
    In any other state it is a conflict.
    """
    with transaction() as db:
        job = control.retry(db, path.job_id, by=current_caller().name)
    return respond(view(job), 202)


def wait_for(id: UUID, seconds: float) -> JobView:
    """Give a job when it has ended or the time is up, and at once when too many wait already.

    Holds no database connection while it waits.
    """
    if not seconds:
        return read(id)
    waiters: Waiters = current_app.extensions["waiters"]
    began = time.monotonic()
    until = began + seconds
    with waiters.for_end_of(id) as ended:
        job = read(id)
        while ended and not job.state.ended and not waiters.stopping and (left := until - time.monotonic()) > 0:
            ended.wait(left)
            ended.clear()
            job = read(id)
    metrics.waited(began)
    return job


class ViewOfJob(Protocol):
    """What shows the work of one job."""

    job_id: UUID
    state: State


Shown = TypeVar("Shown", bound=ViewOfJob)


def ended(find: Callable[[Session], Shown], seconds: float) -> Shown:
    """Find what shows a job's work, and find it again when the job has ended or the time is up."""
    with transaction() as db:
        shown = find(db)
    if not seconds or shown.state.ended:
        return shown
    wait_for(shown.job_id, seconds)
    with transaction() as db:
        return find(db)


def read(id: UUID) -> JobView:
    """Read a job with its progress. Raises NoSuchJob."""
    with transaction() as db:
        return view(control.find(db, id), db.get(LiveJob, id))
