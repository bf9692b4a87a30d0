"""Routes of /api/fetches: many URLs at once."""

from uuid import UUID

from flask import Response
from pydantic import Field

from bellhop.urls import AnyUrl
from bellhop_fetches.tables import host_of
from bellhop_fetches.tasks import fetch_url
from bellhop_fetches.web.summary import FetchView, open_fetch, wait_for_all
from bellhop_ledger.api import transaction
from bellhop_web.plugin import (
    Access,
    JobRequest,
    Origin,
    Parameters,
    RequestBody,
    SubmitHeaders,
    WaitQuery,
    answers,
    blueprint,
    charge_target_hosts,
    current_caller,
    new_job,
    respond,
    submit_for,
)

bp = blueprint("fetches", "/api/fetches", access=Access.USER)


class FetchRequest(RequestBody):
    """URLs to fetch."""

    urls: list[AnyUrl] = Field(
        min_length=1,
        max_length=100,
        description="Up to 100 addresses on the public internet, beginning with `http://` or `https://`",
        examples=[["https://example.org/", "https://example.com/"]],
    )


class FetchPath(Parameters):
    """Which fetch."""

    fetch_id: UUID = Field(description="The fetch's `id`, from its receipt")


@bp.post("", responses=answers(202, FetchView, 400, 409, 413, 415))
def submit_fetch(header: SubmitHeaders, body: FetchRequest) -> Response:
    """Fetch URLs in parallel, each as a job of its own."""
    id = begin(body.urls, Origin.of_request(header))
    return respond(wait_for_all(id, 0), 202, {"Location": f"/api/fetches/{id}"})


def begin(urls: list[str], origin: Origin) -> UUID:
    """Write the fetch and a job for each URL with one commit, and give the fetch's id."""
    wanted = [JobRequest(task=fetch_url.name, args={"url": url}) for url in urls]
    charge_target_hosts(host_of(url) for url in urls)
    with transaction() as db:
        new = [new_job(job, origin, "urls", str(place)) for place, job in enumerate(wanted)]
        jobs = submit_for(db, current_caller(), new)
        return open_fetch(db, urls, jobs, current_caller().user_id)


@bp.get("/<fetch_id>", responses=answers(200, FetchView, 404))
def show_fetch(path: FetchPath, query: WaitQuery) -> Response:
    """Show what came back; with `wait`, as soon as all of it has."""
    return respond(wait_for_all(path.fetch_id, query.wait))
