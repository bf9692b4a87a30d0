"""Routes of /api/jobs/<id>: look, wait, cancel, retry."""

import time
from uuid import UUID

from flask import Response, current_app
from pydantic import BaseModel, Field

from bellhop.database import transaction
from bellhop.jobs import LiveJob
from bellhop.ledger import control
from bellhop.settings import Settings
from bellhop_web.fields import Closed, Wait
from bellhop_web.openapi import answers, blueprint, respond
from bellhop_web.views import JobView, view

bp = blueprint("job", "/api/jobs")


class JobPath(BaseModel):
    """Which job."""

    job_id: UUID


class WaitQuery(Closed):
    """How long to wait for the end."""

    wait: Wait = Field(default=0, description="Seconds to wait for the job's end")


@bp.get("/<job_id>", responses=answers(200, JobView, 404))
def show(path: JobPath, query: WaitQuery) -> Response:
    """Show a job; with `wait`, as soon as it has ended."""
    return respond(wait_for(path.job_id, query.wait))


@bp.post("/<job_id>/cancel", responses=answers(202, JobView, 404, 409))
def cancel(path: JobPath) -> Response:
    """Cancel a job: one that waits never runs, a running one is stopped."""
    with transaction() as db:
        job = control.cancel(db, path.job_id, keep=Settings.load().retention_hours * 3600)
        shown = view(job, db.get(LiveJob, job.id))
    return respond(shown, 202)


@bp.post("/<job_id>/retry", responses=answers(202, JobView, 404, 409))
def retry(path: JobPath) -> Response:
    """Try a failed or cancelled job again."""
    with transaction() as db:
        job = control.retry(db, path.job_id)
    return respond(view(job), 202)


def wait_for(id: UUID, seconds: float) -> JobView:
    """Give a job when it has ended or the time is up. Holds no database connection while it waits."""
    if not seconds:
        return read(id)
    until = time.monotonic() + seconds
    with current_app.extensions["waiters"].for_end_of(id) as ended:
        job = read(id)
        while ended and not job.state.ended and (left := until - time.monotonic()) > 0:
            ended.wait(left)
            ended.clear()
            job = read(id)
    return job


def read(id: UUID) -> JobView:
    """Read a job with its progress. Raises NoSuchJob."""
    with transaction() as db:
        return view(control.find(db, id), db.get(LiveJob, id))
