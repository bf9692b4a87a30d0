"""Fan-in: one summary of many fetches, worked out when it is read, so that there is nothing that could be lost."""

import time
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from bellhop.database import transaction
from bellhop.errors import NotFound
from bellhop.fetches import FetchPage
from bellhop.jobs import Job, State
from bellhop_web.api.job import wait_for


class NoSuchFetch(NotFound):
    """There is no fetch with this id."""


class FetchState(StrEnum):
    """Whether something is still to come."""

    RUNNING = "running"
    DONE = "done"


class PageView(BaseModel):
    """One URL and what came back."""

    url: str
    job_id: UUID
    state: State
    status: int | None = Field(description="HTTP status")
    bytes: int | None = Field(description="Size of the body")
    seconds: float | None
    error: str | None


class FetchView(BaseModel):
    """Many URLs and how much time it saved to fetch them at once."""

    id: UUID
    state: FetchState
    pages: list[PageView]
    total_seconds: float | None = Field(description="From the first start to the last end")
    sum_seconds: float | None = Field(description="What it would have taken one after another")
    speed_up: float | None


Rows = list[Row[FetchPage, Job]]


def wait_for_all(id: UUID, seconds: float) -> FetchView:
    """Give the summary when all pages have ended or the time is up. Raises NoSuchFetch."""
    until = time.monotonic() + seconds
    while True:
        with transaction() as db:
            rows = _rows(db, id)
        unfinished = [job.id for _, job in rows if not job.state.ended]
        left = until - time.monotonic()
        if not unfinished or left <= 0:
            return summary(id, rows)
        wait_for(unfinished[0], left)


def _rows(db: Session, id: UUID) -> Rows:
    query = select(FetchPage, Job).join(Job, Job.id == FetchPage.job_id)
    rows = db.execute(query.where(FetchPage.fetch_id == id).order_by(FetchPage.position)).all()
    if not rows:
        raise NoSuchFetch
    return list(rows)


def summary(id: UUID, rows: Rows) -> FetchView:
    """Add it all up; the numbers are empty until every page has ended."""
    pages = [_page(page, job) for page, job in rows]
    if any(not page.state.ended for page in pages):
        return FetchView(
            id=id, state=FetchState.RUNNING, pages=pages, total_seconds=None, sum_seconds=None, speed_up=None
        )
    total, sum_of_all = _total([job for _, job in rows]), sum(page.seconds or 0 for page in pages)
    return FetchView(
        id=id,
        state=FetchState.DONE,
        pages=pages,
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
        status=result.get("status"),
        bytes=result.get("bytes"),
        seconds=result.get("seconds"),
        error=f"{job.error['type']}: {job.error['message']}" if job.error else None,
    )
