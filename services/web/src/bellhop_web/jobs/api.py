"""Routes of /api/jobs: submit and list."""

from flask import Response

from bellhop_ledger.ledger.submit import NewJob
from bellhop_ledger.ledger.tables import Job
from bellhop_ledger.platform.database import transaction
from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import Caller, current_caller
from bellhop_web.http.answers import respond
from bellhop_web.jobs.batch import jobs_of
from bellhop_web.jobs.group_commit import submit_grouped
from bellhop_web.jobs.listing import JobQuery, found
from bellhop_web.jobs.payloads import shown_to
from bellhop_web.jobs.requests import Origin, SubmitHeaders, permitted_job, submit_for
from bellhop_web.jobs.views import JobPageView, JobsView, JobView, receipt, view
from bellhop_web.jobs.wanted import BatchRequest, JobRequest
from bellhop_web.openapi.library import answers, blueprint

bp = blueprint("jobs", "/api/jobs", access=Access.OWN)


@bp.post("", responses=answers(202, JobView, 400, 409, 413, 415))
def submit_job(header: SubmitHeaders, body: JobRequest) -> Response:
    """Submit a job and get its receipt.

    From the answer on the job is not lost: it runs now, at `run_at` or after `delay`. Watch it
    at the address in `Location`. The body may have up to 1,000,000 bytes.

    Members may submit the tasks of the setting `MEMBER_TASKS`.
    """
    new = permitted_job(body, Origin.of_request(header))
    job = submit_as(current_caller(), new)
    return respond(view(job), 202, {"Location": f"/api/jobs/{job.id}"})


def submit_as(caller: Caller, new: NewJob) -> Job:
    """Write one job and return it, with those that come at the same moment where nothing is to be counted before."""
    if not caller.is_bounded:
        return submit_grouped(new)
    with transaction() as db:
        [job] = submit_for(db, caller, [new])
    return job


@bp.post("/batch", responses=answers(202, JobsView, 400, 409, 413, 415))
def submit_batch(header: SubmitHeaders, body: BatchRequest) -> Response:
    """Submit up to 10,000 jobs at once: all are accepted, or none.

    The receipts come in the order of the jobs, without arguments that are too large for a list. The
    body may have up to 16,000,000 bytes. A job may have a `key` of its own: where that made a job before, its receipt
    is that job's, and the others are accepted.
    """
    wanted = jobs_of(body, Origin.of_request(header))
    with transaction() as db:
        jobs = submit_for(db, current_caller(), wanted)
    return respond(JobsView.model_construct(jobs=[receipt(job) for job in jobs]), 202)


@bp.get("", responses=answers(200, JobPageView))
def list_jobs(query: JobQuery) -> Response:
    """List jobs, newest first: all of them, or to members those that they have asked for.

    `q` takes a query such as `state:failed task:http.* args.order:1042 since:2h`; the other filters narrow what it
    finds. A query that would take long is refused with 422, unless `slow` is `true`.

    With `state` `succeeded`, `failed` or `cancelled` and no other filter, they come by when they ended, latest first.

    Take the next page with `cursor`. Values that are too large for a list are left out, and named
    in `omitted`; the job itself has them. Jobs that are added meanwhile neither shift nor repeat what
    the later pages show.
    """
    caller = current_caller()
    with transaction() as db:
        listed = found(db, query, caller)
    listed.jobs = [shown_to(caller, job) for job in listed.jobs]
    return respond(listed)
