"""Views: how a bulk action reads from outside."""

from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from bellhop_ledger.bulk_actions.asking import WITHOUT_JOBS
from bellhop_ledger.bulk_actions.tables import BulkAction, BulkState, Verb, state_of
from bellhop_web.http.cursors import PageQuery
from bellhop_web.http.times import StoredUtc


class BulkActionView(BaseModel):
    """Something that is done to many jobs."""

    id: UUID
    verb: Verb = Field(description="`retry` or `cancel`")
    q: str = Field(description="The query, as it was written")
    number: int = Field(description="How many jobs it found. It is these, whatever it finds later")
    state: BulkState = Field(
        description="`waiting` until it begins, `running`, and in the end `done`, `undone`, or `broken` where it could "
        "not be carried on"
    )
    requested_by: str = Field(description="Who asked for it: `user:<id>` or `token:<id>`")
    request_id: str | None = Field(description="The `X-Request-Id` of the request")
    created_at: StoredUtc
    runs_at: StoredUtc = Field(description="When it begins; until then it can be undone")
    started_at: StoredUtc | None
    handled: int = Field(description="How many of the jobs were looked at so far")
    changed: int = Field(
        description="How many of these were still as they were found, and are queued again, cancelled, or asked to stop"
    )
    finished_at: StoredUtc | None
    error: str | None = Field(description="Why it could not be carried on; what it had done before stays")
    undone_at: StoredUtc | None
    undone_by: str | None = Field(description="Who has undone it")


class BulkActionsView(BaseModel):
    """One page of bulk actions, the latest first."""

    bulk_actions: list[BulkActionView]
    next_cursor: str | None = Field(description="Give it as `cursor` to get the next page; null on the last one")


class BulkPreviewView(BaseModel):
    """What a bulk action would be about."""

    verb: Verb
    q: str
    count: int = Field(description="How many jobs the query finds that it can be done to: the `count` to send")


class BulkActionQuery(PageQuery):
    """Which page of the bulk actions."""

    list_name = "bulk actions"


def view(action: BulkAction) -> BulkActionView:
    """Show an action."""
    facts = {name: getattr(action, name) for name in BulkActionView.model_fields if name != "state"}
    return BulkActionView.model_construct(**facts, state=state_of(action))


MOST_FOLLOWED = 1_000
"""Jobs of an action whose page says where they stand by now; of more it would take too long to look for them."""


def follows(action: BulkActionView) -> bool:
    """Whether the page of an action says where its jobs stand."""
    return action.started_at is not None and action.number <= MOST_FOLLOWED


def page(db: Session, query: BulkActionQuery) -> BulkActionsView:
    """Return one page of the actions."""
    wanted = select(BulkAction).options(WITHOUT_JOBS).order_by(BulkAction.id.desc()).limit(query.rows_to_read)
    if query.cursor is not None:
        wanted = wanted.where(BulkAction.id < UUID(query.place()[0]))
    shown, cursor = query.page_of(db.scalars(wanted).all(), lambda action: [str(action.id)])
    return BulkActionsView.model_construct(bulk_actions=[view(action) for action in shown], next_cursor=cursor)
