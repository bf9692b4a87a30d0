"""Routes of /api/jobs: submit and list."""

from flask import Response
from pydantic import BaseModel, Field

from bellhop.database import transaction
from bellhop.ledger.submit import submit_all
from bellhop_web.listing import JobQuery, page
from bellhop_web.openapi import answers, blueprint, respond
from bellhop_web.submissions import BatchRequest, JobRequest, new_job
from bellhop_web.views import JobPageView, JobsView, JobView, view

bp = blueprint("jobs", "/api/jobs")


class SubmitHeaders(BaseModel):
    """Headers of a submission."""

    idempotency_key: str | None = Field(
        default=None,
        alias="Idempotency-Key",
        description="The same key gives back the first job; a different body under the same key is refused",
    )


@bp.post("", responses=answers(202, JobView, 400, 409, 413, 415))
def create(header: SubmitHeaders, body: JobRequest) -> Response:
    """Submit a job and get its receipt."""
    wanted = new_job(body)
    with transaction() as db:
        [job] = submit_all(db, [wanted])
    return respond(view(job), 202, {"Location": f"/api/jobs/{job.id}"})


@bp.post("/batch", responses=answers(202, JobsView, 400, 409, 413, 415))
def create_many(header: SubmitHeaders, body: BatchRequest) -> Response:
    """Submit up to 10,000 jobs in one transaction: all are accepted, or none."""
    wanted = [new_job(job, "jobs", str(place)) for place, job in enumerate(body.jobs)]
    with transaction() as db:
        jobs = submit_all(db, wanted)
    return respond(JobsView.model_construct(jobs=[view(job) for job in jobs]), 202)


@bp.get("", responses=answers(200, JobPageView))
def index(query: JobQuery) -> Response:
    """List jobs, newest first."""
    with transaction() as db:
        found = page(db, query)
    return respond(found)
