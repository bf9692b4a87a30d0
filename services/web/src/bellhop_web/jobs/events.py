"""Events: who did what to a job, as it reads from outside."""

from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from bellhop_ledger.ledger.events import Action, JobEvent, events_of
from bellhop_ledger.ledger.tables import Job
from bellhop_web.http.cursors import PageQuery
from bellhop_web.http.times import Utc
from bellhop_web.jobs.payloads import events_without


class EventQuery(PageQuery):
    """Which page of a job's events."""

    list_name = "events"


class EventView(BaseModel):
    """Something that was done to a job."""

    at: Utc
    action: Action
    by: str = Field(description="`user:<id>`, `token:<id>`, or the part of the system: `scheduler`, `celery`")
    request_id: str | None = Field(description="The `X-Request-Id` of the request; null where there was none")
    details: dict[str, Any] = Field(
        description="Of `retried` and `cancelled` the `state` before; of `retried` also when the job had ended "
        "(`finished_at`), and why (`error`) where that was not the end of an attempt; of `moved` the dates `from`, "
        "`to`; of `released` what it had waited for (`from`), and the `reason` of that pause"
    )


class EventsView(BaseModel):
    """One page of a job's events, oldest first."""

    events: list[EventView]
    next_cursor: str | None = Field(description="Give it as `cursor` to get the next page; null on the last one")


def events_page(db: Session, job: Job, query: EventQuery, *, withheld: bool) -> EventsView:
    """Return one page of a job's events, perhaps without the errors in them."""
    rows = events_of(db, job, after=_read(query), most=query.rows_to_read)
    rows = events_without(rows) if withheld else rows
    shown, cursor = query.page_of(rows, lambda event: [str(event.id)])
    return EventsView.model_construct(events=[event_view(event) for event in shown], next_cursor=cursor)


def event_view(event: JobEvent) -> EventView:
    """Show an event."""
    facts = {name: getattr(event, name) for name in EventView.model_fields}
    return EventView.model_construct(**facts | {"action": Action(event.action)})


def _read(query: EventQuery) -> int | None:
    return None if query.cursor is None else int(query.place()[0])
