"""Listing: one page of the ledger, newest first, by keyset and not by offset; all that ended in a way, by its end."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, and_, func, literal, select, text, tuple_
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from bellhop.errors import Fault, Invalid
from bellhop_ledger.ledger.tables import HAS_EXPIRED, Job, LiveJob
from bellhop_web.auth.callers import Caller
from bellhop_web.http.brief import CUT, if_brief, is_brief
from bellhop_web.http.cursors import NoSuchPlace
from bellhop_web.jobs.filters import JobQuery as JobQuery  # noqa: PLC0414  found here with the lists that it is of
from bellhop_web.jobs.filters import Order
from bellhop_web.jobs.held import with_reasons
from bellhop_web.jobs.ownership import EVERYBODYS, whose
from bellhop_web.jobs.views import JobPageView, ListedJobView, listed
from bellhop_web.search import Search
from bellhop_web.search.conditions import IS_RETRYING, condition
from bellhop_web.search.cost import prepare

BY_END = "by end"
ENDED_ORDER = Job.finished_at, Job.id
ORDER = Job.created_at, Job.id
EQUAL = ("task", "queue", "submitter", "schedule", "parent", "request_id")
BIG = ("args", "result", "error", "past_attempts")
"""What may be of any size."""
CUT_ERROR = func.jsonb_build_object(
    "type", Job.error["type"].astext, "message", func.left(Job.error["message"].astext, CUT), "traceback", ""
)
INSTEAD = {"args": literal({}, JSONB), "error": CUT_ERROR}
"""What stands in the place of what is left out, where that is not nothing."""
BRIEF = [if_brief(getattr(Job, name), INSTEAD.get(name)).label(name) for name in BIG]
IS_BRIEF = [is_brief(getattr(Job, name)).label(f"{name}_is_brief") for name in BIG]


PATIENCE = {False: 5, True: 20}
"""Seconds that the database may take, by whether a slow query was asked for."""


def page(
    db: Session,
    query: JobQuery,
    *,
    first: UUID | None = None,
    whose: ColumnElement[bool] = EVERYBODYS,
) -> JobPageView:
    """Return one page; `first` is the newest job that may be on it, and `whose` says of which jobs it is.

    A query that takes longer than 5 s is given up by the database, one that may be slow after 20 s.
    """
    db.execute(text(f"SET LOCAL statement_timeout = '{PATIENCE[bool(query.slow)]}s'"))
    wanted = selected(query).where(whose)
    if first is not None:
        wanted = wanted.where(tuple_(*ORDER) <= _place_of(first, ORDER))
    rows = db.execute(wanted.limit(query.rows_to_read)).all()
    shown, cursor = query.page_of(rows, lambda row: _place(query, row))
    return JobPageView.model_construct(jobs=with_reasons(db, [_listed(row) for row in shown]), next_cursor=cursor)


def found(db: Session, query: JobQuery, caller: Caller, *, first: UUID | None = None) -> JobPageView:
    """Return one page of what `q` and the filters find among the jobs that somebody sees.

    Raises Invalid, NotThePayloads, and TooSlow for a query that nobody has asked to run all the same.
    """
    if query.q is None:
        return page(db, query, first=first, whose=whose(caller))
    prepare(db, query.search, lambda search: _asked(db, query, search, caller), slow=bool(query.slow))
    return page(db, query, first=first, whose=and_(whose(caller), condition(db, query.search, caller)))


def _asked(db: Session, query: JobQuery, search: Search, caller: Caller) -> Select[Any]:
    wanted = selected(query).where(whose(caller), condition(db, search, caller))
    return wanted.limit(query.rows_to_read)


def newer(db: Session, first: UUID | None, *, among: ColumnElement[bool], most: int, by_end: bool = False) -> int:
    """Count the jobs that are newer than this one, at most so many; None stands for the beginning of time."""
    wanted, order = select(Job.id).where(among), ENDED_ORDER if by_end else ORDER
    if first is not None:
        wanted = wanted.where(tuple_(*order) > _place_of(first, order))
    return db.execute(select(func.count()).select_from(wanted.limit(most).subquery())).scalar_one()


def count(db: Session, query: JobQuery, *, most: int, among: ColumnElement[bool] = EVERYBODYS) -> int:
    """Count the jobs that fit the filters, at most so many, on whatever page the query is."""
    wanted = _ids(query).where(among).limit(most)
    return db.execute(select(func.count()).select_from(wanted.subquery())).scalar_one()


def _ids(query: JobQuery) -> Select[UUID]:
    """Return the statement that reads the ids of all pages, in no order."""
    return selected(query.model_copy(update={"cursor": None})).with_only_columns(Job.id).order_by(None)


def _place_of(id: UUID, order: tuple[Any, ...]) -> ScalarSelect[Any]:
    return select(*order).where(Job.id == id).scalar_subquery()


def _listed(row: Row[Any]) -> ListedJobView:
    return listed(Job.of_row(row), row.LiveJob, omitted=[name for name in BIG if not getattr(row, f"{name}_is_brief")])


def selected(query: JobQuery) -> Select[Any]:
    """Return the statement that reads the jobs that fit the filters, in the order of the list."""
    if query.sort is Order.ENDED and not query.ends_alike:
        raise Invalid(faults=[Fault("sort", "may be ended only where jobs ended in one way, such as state:failed")])
    moment, id = ENDED_ORDER if query.by_end else ORDER
    wanted = [
        Job.state == query.state if query.state else None,
        Job.finished_at.is_not(None) if query.by_end else None,  # as the index says it
        _switched(IS_RETRYING, query.retrying),
        _switched(HAS_EXPIRED, query.expired),
        Job.tags.contains(query.tag) if query.tag else None,
        *_equal(query),
        Job.created_at >= query.created_after if query.created_after else None,
        Job.created_at < query.created_before if query.created_before else None,
        tuple_(moment, id) < _read(query) if query.cursor is not None else None,
    ]
    return (
        select(*[column for column in Job.__table__.columns if column.name not in BIG], *BRIEF, *IS_BRIEF, LiveJob)
        .select_from(Job)
        .outerjoin(LiveJob, LiveJob.job_id == Job.id)
        .where(*[condition for condition in wanted if condition is not None])
        .order_by(moment.desc(), id.desc())
    )


def _switched(holds: ColumnElement[bool], wanted: bool | None) -> ColumnElement[bool] | None:
    return wanted if wanted is None else holds if wanted else func.coalesce(holds, False).is_(False)


def _equal(query: JobQuery) -> Iterator[ColumnElement[bool]]:
    given = {name: getattr(query, name) for name in EQUAL}
    values = given | {"schedule": query.schedule and str(query.schedule)}
    yield from (getattr(Job, name) == value for name, value in values.items() if value is not None)


def _place(query: JobQuery, row: Row[Any]) -> list[str]:
    moment = row.finished_at if query.by_end else row.created_at
    assert moment is not None
    return [*([BY_END] if query.by_end else []), moment.astimezone(UTC).isoformat(), str(row.id)]


def _read(query: JobQuery) -> tuple[datetime, UUID]:
    *order, moment, id = query.place()
    if order != [BY_END] * query.by_end:  # of the release before, which had all lists in one order
        raise NoSuchPlace
    return datetime.fromisoformat(moment), UUID(id)
