"""Views: how a hold reads from outside."""

from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from bellhop_ledger.ledger import holds
from bellhop_ledger.ledger.holds import Kind
from bellhop_web.http.times import StoredUtc

MOST_COUNTED = 10_000


class HoldView(BaseModel):
    """Something that is paused."""

    kind: Kind = Field(description="`queue`, `task` or `host`")
    name: str
    reason: str = Field(description="Why it is paused")
    by: str = Field(description="Who has paused it: `user:<id>` or `token:<id>`")
    since: StoredUtc
    until: StoredUtc | None = Field(description="When it is resumed by itself; null: when somebody resumes it")
    waiting: int = Field(description=f"How many jobs wait for its end; at most {MOST_COUNTED:,} are counted")


class HoldsView(BaseModel):
    """All that is paused, the longest first."""

    holds: list[HoldView]


def all_holds(db: Session) -> list[HoldView]:
    """Return everything that is paused."""
    return [_view(row) for row in holds.current(db, most=MOST_COUNTED)]


def find_hold(db: Session, kind: Kind, name: str) -> HoldView:
    """Return one hold that is there."""
    [found] = [one for one in all_holds(db) if (one.kind, one.name) == (kind, name)]
    return found


def _view(row: Any) -> HoldView:
    return HoldView.model_construct(
        kind=Kind(row.kind), name=row.name, reason=row.reason, by=row.held_by,
        since=row.since, until=row.until, waiting=row.waiting,
    )  # fmt: skip
