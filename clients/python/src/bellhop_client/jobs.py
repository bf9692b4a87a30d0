"""Operations on jobs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import islice
from time import monotonic
from typing import Any
from uuid import UUID

from bellhop_client.errors import WaitTimeout
from bellhop_client.exchange import Flow, Pause, Request, send
from bellhop_client.paging import pages
from bellhop_client.reading import read
from bellhop_client.views import Attempt, Event, Job, Sort, State
from bellhop_client.wanted import JobRequest
from bellhop_client.writing import Seconds, checked_key, encoded, path_of, query_of, seconds

JobRef = Job | UUID | str
"""A job, or its id."""
MOST_TOGETHER = 10_000
"""Jobs of one batch."""
LONG_POLL = 30.0
"""Seconds that one request waits for the end of a job: less than the minute after which proxies hang up."""
TOO_SOON = 1.0
"""Seconds between two looks at a job when the server is too busy to wait."""


def job_of(data: Any) -> Job:
    """Read a job."""
    return read(Job, data)


def submit(
    task: str,
    args: Mapping[str, Any] | None = None,
    *,
    run_at: datetime | None = None,
    delay: Seconds | None = None,
    priority: int | None = None,
    queue: str | None = None,
    tags: Sequence[str] | None = None,
    label: str | None = None,
    expires: datetime | None = None,
    max_attempts: int | None = None,
    timeout: Seconds | None = None,
    key: str | None = None,
) -> Flow[Job]:
    """Submit a job and return its receipt; from then on it is not lost. `JobRequest` describes the arguments.

    It is one job, however often the request has to be sent. With a `key` of your own that is so across calls, too:
    the same key with the same job returns the first one, and with another job it is a Conflict. `args` are the task's
    arguments by name: what JSON has, and dates, UUIDs, decimals and enums. Raises ValueError, and Invalid, which names
    the field.
    """
    wanted = JobRequest(
        task, args or {}, run_at=run_at, delay=delay, priority=priority, queue=queue, tags=tags, label=label,
        expires=expires, max_attempts=max_attempts, timeout=timeout,
    )  # fmt: skip
    return send(Request("POST", path_of("jobs"), body=encoded(wanted.body()), key=checked_key(key)), job_of)


def submit_many(jobs: Iterable[JobRequest], *, key: str | None = None) -> Flow[list[Job]]:
    """Submit many jobs and return their receipts in the same order.

    Up to 10,000 are accepted together, or none of them. More go in batches of 10,000, of which those before one that
    is refused are accepted; with a `key`, the whole call can be repeated then. A job with a key of its own that was
    accepted before is returned as it is now, and the others are new. Raises as `submit` does: a field is named
    `jobs.3.args.a`, by its place in its batch.
    """
    first, receipts = checked_key(key), list[Job]()
    for number, batch in enumerate(batches(jobs)):
        body = encoded({"jobs": [job.body() for job in batch]})
        name = f"{first}:{number}" if number else first
        receipts += yield from send(Request("POST", path_of("jobs", "batch"), body=body, key=name), _receipts)
    return receipts


def _receipts(data: Any) -> list[Job]:
    return [job_of(one) for one in data["jobs"]]


def batches(jobs: Iterable[JobRequest]) -> Iterator[list[JobRequest]]:
    """Yield as many jobs as go together."""
    left = iter(jobs)
    while batch := list(islice(left, MOST_TOGETHER)):
        yield batch


def show(job: JobRef) -> Flow[Job]:
    """Return a job as it is now. Raises NotFound."""
    return send(Request("GET", path_of("jobs", job)), job_of)


def wait(job: JobRef, *, timeout: Seconds | None = None) -> Flow[Job]:
    """Return a job when it has ended, however it did; see `Job.raise_for_state`.

    Raises WaitTimeout where it has not after so many seconds; without `timeout` there is no limit.
    """
    limit = seconds(timeout)
    until = None if limit is None else monotonic() + limit
    while True:
        asked = monotonic()
        patience = LONG_POLL if until is None else max(min(LONG_POLL, until - asked), 0.0)
        query = query_of(wait=round(patience, 3))
        seen = yield from send(Request("GET", path_of("jobs", job), query, seconds=patience, until=until), job_of)
        now = monotonic()
        if seen.ended:
            return seen
        if until is not None and now >= until:
            raise WaitTimeout(seen)
        if now - asked < min(patience, TOO_SOON):
            yield Pause(TOO_SOON if until is None else min(TOO_SOON, until - now))


def cancel(job: JobRef) -> Flow[Job]:
    """Cancel a job. One that runs is stopped within seconds. Raises Conflict for one that has succeeded or failed."""
    return send(Request("POST", path_of("jobs", job, "cancel")), job_of)


def retry(job: JobRef) -> Flow[Job]:
    """Queue a failed or cancelled job again, with all its attempts. Raises Conflict for one in another state."""
    return send(Request("POST", path_of("jobs", job, "retry"), repeatable=False), job_of)


def list_jobs(
    *,
    q: str | None = None,
    state: State | None = None,
    retrying: bool | None = None,
    expired: bool | None = None,
    task: str | None = None,
    queue: str | None = None,
    tag: str | Sequence[str] | None = None,
    submitter: str | None = None,
    schedule: UUID | str | None = None,
    parent: UUID | str | None = None,
    request_id: str | None = None,
    created_after: datetime | None = None,
    created_before: datetime | None = None,
    sort: Sort | None = None,
    slow: bool | None = None,
    page_size: int = 100,
) -> Flow[None]:
    """Iterate over the jobs that fit all filters, newest first, page after page.

    `q` is a query such as `state:failed task:http.* args.order:1042 since:2h`. One that would take long is refused,
    unless `slow` is true.

    Ended ones that are filtered by `state` alone come by their ends. With several tags, a job has all of them. Jobs
    that are added meanwhile neither shift nor repeat what follows.
    """
    query = query_of(
        q=q, state=state, retrying=retrying, expired=expired, task=task, queue=queue, tag=tag, submitter=submitter,
        schedule=schedule, parent=parent, request_id=request_id, created_after=created_after,
        created_before=created_before, sort=sort, slow=slow, limit=page_size,
    )  # fmt: skip
    return pages(path_of("jobs"), query, "jobs", Job)


def attempts(job: JobRef) -> Flow[list[Attempt]]:
    """Return the attempts of a job, oldest first; the last one may be running."""
    return send(Request("GET", path_of("jobs", job, "attempts")), _attempts)


def _attempts(data: Any) -> list[Attempt]:
    return [read(Attempt, one) for one in data["attempts"]]


def list_events(job: JobRef) -> Flow[None]:
    """Iterate over what was done to a job from outside, oldest first: who has retried, cancelled or moved it."""
    return pages(path_of("jobs", job, "events"), query_of(limit=100), "events", Event)
