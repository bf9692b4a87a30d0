"""Lists of polls, and of the options that earlier ones had."""

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field
from sqlalchemy import Select, func, not_, select
from sqlalchemy.orm import Session

from bellhop.text import WITHOUT_NUL
from bellhop_polls.tables import LONGEST_NAME, Poll, PollOption
from bellhop_polls.web.views import PollView, polls_for, show_all
from bellhop_web.plugin import Caller, PageQuery, Query

MOST_LOOKED_AT = 1_000
"""Names that are looked at for one suggestion, however many begin with the same letter."""


class Which(StrEnum):
    """Which polls to list."""

    OPEN = "open"
    CLOSED = "closed"
    ALL = "all"


class PollQuery(PageQuery):
    """Which polls to list."""

    list_name = "polls"

    state: Which = Field(default=Which.OPEN, description="Only polls in this state, or `all`")


class PollPageView(BaseModel):
    """One page of polls, newest first."""

    polls: list[PollView]
    next_cursor: str | None = Field(description="Give it as `cursor` to get the next page; null on the last one")


class OptionQuery(Query):
    """The beginning of a name."""

    q: Annotated[str, Field(max_length=LONGEST_NAME), WITHOUT_NUL] = Field(
        default="", description="How the names begin; upper and lower case make no difference"
    )
    limit: int = Field(default=10, ge=1, le=50, description="How many names to give at most")


class OptionNamesView(BaseModel):
    """Names of options in earlier polls, those used most often first."""

    options: list[str]


def page(db: Session, query: PollQuery, caller: Caller | None) -> PollPageView:
    """Return one page of polls with their votes."""
    rows = db.execute(_selected(query, caller).limit(query.rows_to_read)).all()
    shown, cursor = query.page_of(rows, lambda row: [str(row.Poll.id)])
    return PollPageView(polls=show_all(db, shown, caller), next_cursor=cursor)


def _selected(query: PollQuery, caller: Caller | None) -> Select[Any]:
    polls = polls_for(caller).order_by(Poll.id.desc())  # ids sort by the time at which they were made
    if query.state is not Which.ALL:
        polls = polls.where(Poll.is_open() if query.state is Which.OPEN else not_(Poll.is_open()))
    if query.cursor is not None:
        polls = polls.where(Poll.id < UUID(query.place()[0]))
    return polls


def suggested(db: Session, query: OptionQuery) -> list[str]:
    """Return names of options that begin with a text."""
    pattern = query.q.strip().replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    begin_so = func.lower(PollOption.name).like(func.lower(pattern) + "%")
    some = select(PollOption.name).where(begin_so) if pattern else _latest()
    found = some.limit(MOST_LOOKED_AT).subquery()
    name = func.min(found.c.name)
    often = select(name).group_by(func.lower(found.c.name)).order_by(func.count().desc(), name)
    return list(db.scalars(often.limit(query.limit)))


def _latest() -> Select[str]:
    return select(PollOption.name).order_by(PollOption.poll_id.desc())
