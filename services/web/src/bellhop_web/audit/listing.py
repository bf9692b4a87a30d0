"""Listing: pages of the audit, the latest act first, and what it can be filtered by."""

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from bellhop.text import WITHOUT_NUL, Shape
from bellhop_ledger.audit import Act
from bellhop_web.auth.names import names_of
from bellhop_web.http.cursors import NoSuchPlace, PageQuery
from bellhop_web.http.fields import Name, QueryMoment
from bellhop_web.http.times import StoredUtc

DATE = "ISO 8601 (UTC when it has no offset) or seconds since 1970"
Actor = Annotated[
    str, Field(max_length=200), Shape("[A-Za-z0-9_.:-]+", "letters, digits, points, colons, hyphens and underscores")
]


class AuditQuery(PageQuery):
    """Which acts to list."""

    list_name = "audit"

    actor: Actor | None = Field(
        default=None, description="Only what this one did: `user:<id>`, `token:<id>`, `service:<id>`, `command:<name>`"
    )
    action: Name | None = Field(default=None, description="Only this", examples=["schedule.paused"])
    kind: Name | None = Field(default=None, description="Only what was done to this kind of thing", examples=["job"])
    thing: Annotated[str, Field(max_length=300, min_length=1), WITHOUT_NUL] | None = Field(
        default=None, description="Only what was done to the thing with this id or name"
    )
    request_id: Name | None = Field(default=None, description="Only what the request with this id did")
    since: QueryMoment | None = Field(
        default=None, description=f"Only what was done then or later: {DATE}", examples=["2030-01-31T09:30:00Z"]
    )
    until: QueryMoment | None = Field(
        default=None, description=f"Only what was done before: {DATE}", examples=[1_896_082_200]
    )


EQUAL = ("actor", "action", "kind", "thing", "request_id")


class ActView(BaseModel):
    """Something that somebody did. It stands here if and only if it happened."""

    id: int = Field(description="Later acts have higher ones")
    at: StoredUtc
    actor: str = Field(description="Who: `user:<id>`, `token:<id>`, `service:<id>` or `command:<name>`")
    actor_name: str | None = Field(description="How that is called now; null when it is gone")
    action: str = Field(description="What, such as `schedule.paused`")
    kind: str = Field(description="To what kind of thing")
    thing: str | None = Field(description="To which one: its id or its name; null for several")
    address: str | None = Field(description="From where: the network address of the client; null for a command")
    agent: str | None = Field(description="What the client calls itself")
    request_id: str | None = Field(description="The `X-Request-Id` of the request")
    details: dict[str, Any] = Field(description="What else is worth knowing")


class AuditView(BaseModel):
    """One page of the audit, the latest act first."""

    acts: list[ActView]
    next_cursor: str | None = Field(description="Give it as `cursor` to get the next page; null on the last one")


def page(db: Session, query: AuditQuery) -> AuditView:
    """Return one page of the audit."""
    wanted = selected(query)
    if query.cursor is not None:
        wanted = wanted.where(Act.id < _read(query))
    rows = db.scalars(wanted.order_by(Act.id.desc()).limit(query.rows_to_read)).all()
    shown, cursor = query.page_of(rows, lambda act: [str(act.id)])
    return AuditView.model_construct(acts=views(db, shown), next_cursor=cursor)


def selected(query: AuditQuery) -> Select[Act]:
    """Return the statement that reads these acts, in no order."""
    equal = [getattr(Act, name) == value for name in EQUAL if (value := getattr(query, name)) is not None]
    wanted: list[ColumnElement[bool] | None] = [
        *equal,
        Act.at >= query.since if query.since else None,
        Act.at < query.until if query.until else None,
    ]
    return select(Act).where(*[condition for condition in wanted if condition is not None])


def views(db: Session, acts: Iterable[Act]) -> list[ActView]:
    """Show acts, with the names of those who acted."""
    acts = list(acts)
    names = names_of(db, {act.actor for act in acts})
    return [_view(act, names.get(act.actor)) for act in acts]


def _view(act: Act, name: str | None) -> ActView:
    facts = {field: getattr(act, field) for field in ActView.model_fields if field != "actor_name"}
    return ActView.model_construct(**facts, actor_name=name)


def _read(query: AuditQuery) -> int:
    try:
        return int(query.place()[0])
    except ValueError:
        raise NoSuchPlace from None
