"""Fan-in: one summary of many fetches, worked out when it is read, so that there is nothing that could be lost."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import Row, and_, func, not_, select
from sqlalchemy.orm import Session

from bellhop.errors import NotFound
from bellhop_fetches.tables import FetchPage
from bellhop_ledger.api import Job, State, next_attempt_at, transaction, uuid7
from bellhop_web.plugin import Access, Caller, NextAttemptAt, Utc, error_line, find_caller, wait_for_jobs

FAULTY = 400
"""Statuses from here on tell of a failure (RFC 9110, 15.5 and 15.6)."""


class NoSuchFetch(NotFound):
    """There is no fetch of yours with this id."""


class FetchState(StrEnum):
    """Whether something is still to come."""

    RUNNING = "running"
    DONE = "done"


class PageView(BaseModel):
    """One URL and what came back."""

    url: str
    job_id: UUID = Field(description="The job that fetches it, see `GET /api/jobs/{job_id}`")
    state: State = Field(description="Of the job: it has `succeeded` when an answer came, whatever its status")
    ok: bool | None = Field(description="Whether the page came back, with a status below 400; null until it has ended")
    attempt: int = Field(description="How often it was tried")
    max_attempts: int = Field(description="How often it is tried at most, where no answer comes")
    started_at: Utc | None = Field(description="When its last attempt began")
    finished_at: Utc | None = Field(description="When it ended")
    status: int | None = Field(description="The HTTP status that came back")
    bytes: int | None = Field(description="Size of the body that came back")
    seconds: float | None = Field(description="How long it took")
    error: str | None = Field(description="Why the last attempt failed")
    next_attempt_at: NextAttemptAt


class FetchView(BaseModel):
    """Many URLs and how much time it saved to fetch them at once."""

    id: UUID
    state: FetchState = Field(description="`done` when every page has ended")
    pages: list[PageView] = Field(description="In the order in which the URLs were given")
    failed: int = Field(description="How many pages have ended and are not `ok`")
    total_seconds: float | None = Field(description="From the first start to the last end, once it is done")
    sum_seconds: float | None = Field(description="What it would have taken one after another, once it is done")
    speed_up: float | None = Field(description="How many times faster that was, once it is done")


Rows = list[Row[FetchPage, Job]]


def open_fetch(db: Session, urls: list[str], jobs: list[Job], user_id: UUID | None) -> UUID:
    """Note which job fetches which URL and give the fetch's id; the jobs of a request sent again have one already."""
    earlier = db.scalar(select(FetchPage.fetch_id).where(FetchPage.job_id == jobs[0].id))
    if earlier is not None:
        return earlier
    id = uuid7()
    pages = enumerate(zip(urls, jobs, strict=True))
    db.add_all(
        FetchPage(fetch_id=id, position=place, url=url, job_id=job.id, user_id=user_id) for place, (url, job) in pages
    )
    return id


def wait_for_all(id: UUID, seconds: float) -> FetchView:
    """Return the summary when all pages have ended, the time is up or too many wait already. Raises NoSuchFetch."""
    if not is_for(find_caller(), id):
        raise NoSuchFetch
    wait_for_jobs(lambda: _unfinished(id), seconds)
    return read(id)


def _unfinished(id: UUID) -> UUID | None:
    return next((job.id for _, job in _read(id) if not job.state.ended), None)


def _read(id: UUID) -> Rows:
    query = select(FetchPage, Job).join(Job, Job.id == FetchPage.job_id)
    with transaction() as db:
        rows = db.execute(query.where(FetchPage.fetch_id == id).order_by(FetchPage.position)).all()
    if not rows:
        raise NoSuchFetch
    return list(rows)


@dataclass(frozen=True)
class Begun:
    """A fetch in a list of them."""

    id: UUID
    created_at: datetime
    pages: int
    waiting: int
    """Pages that have not ended."""
    failed: int
    """Pages that have ended and are not ok."""


def history(db: Session, caller: Caller, most: int = 20) -> list[Begun]:
    """Return the newest fetches of somebody; their ids sort by the time at which they were made."""
    waiting = func.count().filter(Job.finished_at.is_(None))
    ok = and_(Job.state == State.SUCCEEDED, Job.result["status"].as_integer() < FAULTY)
    failed = func.count().filter(Job.finished_at.is_not(None), not_(ok))
    query = select(FetchPage.fetch_id, func.min(Job.created_at), func.count(), waiting, failed)
    query = query.join(Job, Job.id == FetchPage.job_id).where(FetchPage.user_id.is_not_distinct_from(caller.user_id))
    rows = db.execute(query.group_by(FetchPage.fetch_id).order_by(FetchPage.fetch_id.desc()).limit(most))
    return [Begun(*row) for row in rows]


def is_for(caller: Caller | None, id: UUID) -> bool:
    """Whether somebody may see this fetch: who asked for it may, and operators."""
    if caller is None or caller.may(Access.OPERATOR):
        return caller is not None
    query = select(FetchPage.fetch_id).where(FetchPage.fetch_id == id, FetchPage.user_id == caller.user_id)
    with transaction() as db:
        return db.scalar(query.limit(1)) is not None


def read(id: UUID) -> FetchView:
    """Return the summary as it is now. Raises NoSuchFetch."""
    return summary(id, _read(id))


def summary(id: UUID, rows: Rows) -> FetchView:
    """Add it all up; the numbers are empty until every page has ended."""
    pages = [_page(page, job) for page, job in rows]
    failed = sum(page.ok is False for page in pages)
    if any(not page.state.ended for page in pages):
        return FetchView(
            id=id,
            state=FetchState.RUNNING,
            pages=pages,
            failed=failed,
            total_seconds=None,
            sum_seconds=None,
            speed_up=None,
        )
    total, sum_of_all = _total([job for _, job in rows]), sum(page.seconds or 0 for page in pages)
    return FetchView(
        id=id,
        state=FetchState.DONE,
        pages=pages,
        failed=failed,
        total_seconds=round(total, 3),
        sum_seconds=round(sum_of_all, 3),
        speed_up=round(sum_of_all / total, 2) if total else None,
    )


def _total(jobs: list[Job]) -> float:
    starts = [job.started_at for job in jobs if job.started_at]
    ends = [job.finished_at for job in jobs if job.finished_at]
    return max((max(ends) - min(starts)).total_seconds(), 0.0) if starts else 0.0


def _page(page: FetchPage, job: Job) -> PageView:
    result = job.result or {}
    return PageView(
        url=page.url,
        job_id=job.id,
        state=job.state,
        ok=job.state is State.SUCCEEDED and result["status"] < FAULTY if job.state.ended else None,
        attempt=job.attempt,
        max_attempts=job.max_attempts,
        started_at=job.started_at,
        finished_at=job.finished_at,
        status=result.get("status"),
        bytes=result.get("bytes"),
        seconds=result.get("seconds"),
        error=error_line(job),
        next_attempt_at=next_attempt_at(job),
    )
