"""Listing: one page of the ledger, newest first, by keyset and not by offset."""

from collections.abc import Collection
from datetime import UTC, datetime
from uuid import UUID

from pydantic import Field
from sqlalchemy import Row, Select, select, text, tuple_
from sqlalchemy.orm import Session

from bellhop.jobs import Job, LiveJob, State
from bellhop_web.cursors import PageQuery
from bellhop_web.fields import Name, QueryMoment
from bellhop_web.views import JobPageView, view

DATE = "ISO 8601 (UTC when it has no offset) or seconds since 1970"


class JobQuery(PageQuery):
    """Which jobs to list."""

    list_name = "jobs"

    state: State | None = Field(default=None, description="Only jobs in this state")
    task: Name | None = Field(default=None, description="Only jobs of this task", examples=["products.very_slow_add"])
    queue: Name | None = Field(default=None, description="Only jobs of this queue", examples=["slow"])
    created_after: QueryMoment | None = Field(
        default=None, description=f"Only jobs submitted then or later: {DATE}", examples=["2030-01-31T09:30:00Z"]
    )
    created_before: QueryMoment | None = Field(
        default=None, description=f"Only jobs submitted before: {DATE}", examples=[1_896_082_200]
    )


def page(db: Session, query: JobQuery, *, without: Collection[str] = ()) -> JobPageView:
    """Give one page, without some tasks. A query that takes longer than 5 s is given up by the database."""
    db.execute(text("SET LOCAL statement_timeout = '5s'"))
    rows = db.execute(_selected(query).where(Job.task.not_in(without)).limit(query.limit + 1)).all()
    shown = rows[: query.limit]
    cursor = query.cursor_at(_place(shown[-1])) if len(rows) > query.limit else None
    return JobPageView.model_construct(jobs=[view(job, live) for job, live in shown], next_cursor=cursor)


def _selected(query: JobQuery) -> Select[Job, LiveJob]:
    wanted = [
        Job.state == query.state if query.state else None,
        Job.task == query.task if query.task is not None else None,
        Job.queue == query.queue if query.queue is not None else None,
        Job.created_at >= query.created_after if query.created_after else None,
        Job.created_at < query.created_before if query.created_before else None,
        tuple_(Job.created_at, Job.id) < _read(query) if query.cursor is not None else None,
    ]
    return (
        select(Job, LiveJob)
        .outerjoin(LiveJob, LiveJob.job_id == Job.id)
        .where(*[condition for condition in wanted if condition is not None])
        .order_by(Job.created_at.desc(), Job.id.desc())
    )


def _place(row: Row[Job, LiveJob]) -> list[str]:
    job = row[0]
    return [job.created_at.astimezone(UTC).isoformat(), str(job.id)]


def _read(query: JobQuery) -> tuple[datetime, UUID]:
    created_at, id = query.place()
    return datetime.fromisoformat(created_at), UUID(id)
