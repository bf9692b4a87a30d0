"""Listing: one page of the ledger, newest first, by keyset and not by offset."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import Row, Select, func, literal, select, text, tuple_
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from bellhop.jobs import Job, LiveJob, State
from bellhop_web.brief import CUT, if_brief, is_brief
from bellhop_web.cursors import PageQuery
from bellhop_web.fields import Name, QueryMoment
from bellhop_web.views import JobPageView, ListedJobView, listed

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


BIG = ("args", "result", "error", "past_attempts")
"""What may be of any size."""
CUT_ERROR = func.jsonb_build_object(
    "type", Job.error["type"].astext, "message", func.left(Job.error["message"].astext, CUT), "traceback", ""
)
INSTEAD = {"args": literal({}, JSONB), "error": CUT_ERROR}
"""What stands in the place of what is left out, where that is not nothing."""
BRIEF = [if_brief(getattr(Job, name), INSTEAD.get(name)).label(name) for name in BIG]
IS_BRIEF = [is_brief(getattr(Job, name)).label(f"{name}_is_brief") for name in BIG]


def page(db: Session, query: JobQuery, *, without: Collection[str] = ()) -> JobPageView:
    """Give one page, without some tasks. A query that takes longer than 5 s is given up by the database."""
    db.execute(text("SET LOCAL statement_timeout = '5s'"))
    rows = db.execute(_selected(query).where(Job.task.not_in(without)).limit(query.limit + 1)).all()
    shown = rows[: query.limit]
    cursor = query.cursor_at(_place(shown[-1])) if len(rows) > query.limit else None
    return JobPageView.model_construct(jobs=[_listed(row) for row in shown], next_cursor=cursor)


def _listed(row: Row[Any]) -> ListedJobView:
    return listed(Job.of_row(row), row.LiveJob, omitted=[name for name in BIG if not getattr(row, f"{name}_is_brief")])


def _selected(query: JobQuery) -> Select[Any]:
    wanted = [
        Job.state == query.state if query.state else None,
        Job.task == query.task if query.task is not None else None,
        Job.queue == query.queue if query.queue is not None else None,
        Job.created_at >= query.created_after if query.created_after else None,
        Job.created_at < query.created_before if query.created_before else None,
        tuple_(Job.created_at, Job.id) < _read(query) if query.cursor is not None else None,
    ]
    return (
        select(*[column for column in Job.__table__.columns if column.name not in BIG], *BRIEF, *IS_BRIEF, LiveJob)
        .select_from(Job)
        .outerjoin(LiveJob, LiveJob.job_id == Job.id)
        .where(*[condition for condition in wanted if condition is not None])
        .order_by(Job.created_at.desc(), Job.id.desc())
    )


def _place(row: Row[Any]) -> list[str]:
    return [row.created_at.astimezone(UTC).isoformat(), str(row.id)]


def _read(query: JobQuery) -> tuple[datetime, UUID]:
    created_at, id = query.place()
    return datetime.fromisoformat(created_at), UUID(id)
