"""Routes of /api/fetches: many URLs at once."""

from typing import Annotated
from uuid import UUID

from flask import Response
from pydantic import BaseModel, Field

from bellhop.clock import uuid7
from bellhop.database import transaction
from bellhop.fetches import FetchPage, fetch_url
from bellhop.ledger.submit import submit_all
from bellhop_web.api.job import WaitQuery
from bellhop_web.fan_in import FetchView, wait_for_all
from bellhop_web.fields import Closed
from bellhop_web.openapi import answers, blueprint, respond
from bellhop_web.submissions import JobRequest, new_job

bp = blueprint("fetches", "/api/fetches")

Url = Annotated[str, Field(max_length=2000, pattern=r"^https?://\S+$")]


class FetchRequest(Closed):
    """URLs to fetch."""

    urls: list[Url] = Field(min_length=1, max_length=100)


class FetchPath(BaseModel):
    """Which fetch."""

    fetch_id: UUID


@bp.post("", responses=answers(202, FetchView, 400, 413, 415))
def create(body: FetchRequest) -> Response:
    """Fetch URLs in parallel, each as a job of its own."""
    wanted = [new_job(JobRequest(task=fetch_url.name, args={"url": url}), str(n)) for n, url in enumerate(body.urls)]
    id = uuid7()
    with transaction() as db:
        jobs = submit_all(db, wanted)
        pages = zip(body.urls, jobs, strict=True)
        db.add_all(FetchPage(fetch_id=id, position=n, url=url, job_id=job.id) for n, (url, job) in enumerate(pages))
    return respond(wait_for_all(id, 0), 202, {"Location": f"/api/fetches/{id}"})


@bp.get("/<fetch_id>", responses=answers(200, FetchView, 404))
def show(path: FetchPath, query: WaitQuery) -> Response:
    """Show what came back; with `wait`, as soon as all of it has."""
    return respond(wait_for_all(path.fetch_id, query.wait))
