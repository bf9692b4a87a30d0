"""Listing: one page of the ledger, newest first, by keyset and not by offset."""

import hashlib
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer
from pydantic import BeforeValidator, Field
from sqlalchemy import Row, Select, select, text, tuple_
from sqlalchemy.orm import Session

from bellhop.errors import Fault, Invalid
from bellhop.jobs import Job, LiveJob, State
from bellhop_web.fields import Name, Query, QueryMoment, number
from bellhop_web.views import JobPageView, view

DATE = "ISO 8601 (UTC when it has no offset) or seconds since 1970"


class JobQuery(Query):
    """Which jobs to list."""

    state: State | None = Field(default=None, description="Only jobs in this state")
    task: Name | None = Field(default=None, description="Only jobs of this task", examples=["products.very_slow_add"])
    queue: Name | None = Field(default=None, description="Only jobs of this queue", examples=["slow"])
    created_after: QueryMoment | None = Field(
        default=None, description=f"Only jobs submitted then or later: {DATE}", examples=["2030-01-31T09:30:00Z"]
    )
    created_before: QueryMoment | None = Field(
        default=None, description=f"Only jobs submitted before: {DATE}", examples=[1_896_082_200]
    )
    limit: Annotated[int, BeforeValidator(number)] = Field(
        default=50, ge=1, le=200, description="How many jobs a page has at most"
    )
    cursor: Annotated[str, Field(max_length=300, pattern="^[A-Za-z0-9_.-]+$")] | None = Field(
        default=None, description="The `next_cursor` of the page before, with the same filters"
    )

    @property
    def filters(self) -> dict[str, Any]:
        """All but the place in the list."""
        return self.model_dump(mode="json", exclude={"cursor", "limit"}, exclude_none=True)


def page(db: Session, query: JobQuery) -> JobPageView:
    """Give one page. A query that takes longer than 5 s is given up by the database."""
    db.execute(text("SET LOCAL statement_timeout = '5s'"))
    rows = db.execute(_selected(query).limit(query.limit + 1)).all()
    shown = rows[: query.limit]
    cursor = _cursor(query).dumps(_place(shown[-1])) if len(rows) > query.limit else None
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
    try:
        created_at, id = _cursor(query).loads(query.cursor or "")
        return datetime.fromisoformat(created_at), UUID(id)
    except (BadData, ValueError, TypeError):
        raise Invalid(faults=[Fault("cursor", "does not belong to this list with these filters")]) from None


def _cursor(query: JobQuery) -> URLSafeSerializer:
    """Give what signs the cursors of this list: one of another list, or with other filters, does not fit."""
    filters = hashlib.sha256(repr(sorted(query.filters.items())).encode()).hexdigest()
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt=f"jobs:{filters}")
