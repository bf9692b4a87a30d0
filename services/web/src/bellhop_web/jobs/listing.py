"""Listing: one page of the ledger, newest first, by keyset and not by offset; all that ended in a way, by its end."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BeforeValidator, Field
from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, and_, func, literal, select, text, true, tuple_
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from bellhop.overrides import MOST_TAGS, Tag
from bellhop.text import Shape
from bellhop_ledger.ledger.tables import ENDED, HAS_EXPIRED, Job, LiveJob, State
from bellhop_web.http.brief import CUT, if_brief, is_brief
from bellhop_web.http.cursors import NoSuchPlace, PageQuery
from bellhop_web.http.fields import Name, QueryMoment, switch
from bellhop_web.jobs.held import with_reasons
from bellhop_web.jobs.views import JobPageView, ListedJobView, listed

DATE = "ISO 8601 (UTC when it has no offset) or seconds since 1970"


BY_END = "by end"
RETRYING, EXPIRED = "retrying", "expired"
"""No states of the ledger, but people choose them as such on pages: `?state=retrying` is `?retrying=true`."""
IS_RETRYING = and_(Job.attempt > 0, Job.state.in_([State.SCHEDULED, State.QUEUED]))
ENDED_ORDER = Job.finished_at, Job.id
ORDER = Job.created_at, Job.id


def without_made_up(given: dict[str, Any], states: Collection[str]) -> dict[str, Any]:
    """Return the query of a page with the switch in place of a state that is none."""
    state = str(given.get("state"))
    return {**given, "state": None, state: "true"} if state in states else given


Submitter = Annotated[
    str, Field(max_length=200), Shape("[A-Za-z0-9_.:-]+", "letters, digits, points, colons, hyphens and underscores")
]


class JobQuery(PageQuery):
    """Which jobs to list."""

    list_name = "jobs"

    @property
    def by_end(self) -> bool:
        """Whether the list is in the order of ends: it is where how jobs ended is all that is asked for."""
        asked = self.filters.keys() & JobQuery.model_fields.keys()
        return (asked == {"state"} and self.state in ENDED) or (asked == {"expired"} and self.expired is True)

    state: State | None = Field(default=None, description="Only jobs in this state")
    retrying: Annotated[bool, BeforeValidator(switch)] | None = Field(
        default=None, description="Only jobs that wait for their next attempt after one that failed (`true`)"
    )
    expired: Annotated[bool, BeforeValidator(switch)] | None = Field(
        default=None, description="Only jobs that were cancelled because they had not begun in time (`true`)"
    )
    task: Name | None = Field(default=None, description="Only jobs of this task", examples=["products.very_slow_add"])
    queue: Name | None = Field(default=None, description="Only jobs of this queue", examples=["slow"])
    tag: Annotated[list[Tag], Field(max_length=MOST_TAGS)] | None = Field(
        default=None, description="Only jobs with this tag; may be given again: then with all of them"
    )
    submitter: Submitter | None = Field(
        default=None, description="Only jobs of this `submitter`, as the job says it", examples=["celery"]
    )
    schedule: UUID | None = Field(default=None, description="Only jobs of the schedule with this id")
    parent: UUID | None = Field(default=None, description="Only jobs that the body of this job has submitted")
    request_id: Name | None = Field(default=None, description="Only jobs that go back to the request with this id")
    created_after: QueryMoment | None = Field(
        default=None, description=f"Only jobs submitted then or later: {DATE}", examples=["2030-01-31T09:30:00Z"]
    )
    created_before: QueryMoment | None = Field(
        default=None, description=f"Only jobs submitted before: {DATE}", examples=[1_896_082_200]
    )


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


EVERYBODYS = true()


def page(
    db: Session,
    query: JobQuery,
    *,
    without: Collection[str] = (),
    first: UUID | None = None,
    whose: ColumnElement[bool] = EVERYBODYS,
) -> JobPageView:
    """Return one page, without some tasks; `first` is the newest job that may be on it, and `whose`
    says of which jobs it is.

    A query that takes longer than 5 s is given up by the database.
    """
    db.execute(text("SET LOCAL statement_timeout = '5s'"))
    wanted = selected(query).where(Job.task.not_in(without), whose)
    if first is not None:
        wanted = wanted.where(tuple_(*ORDER) <= _place_of(first))
    rows = db.execute(wanted.limit(query.rows_to_read)).all()
    shown, cursor = query.page_of(rows, lambda row: _place(query, row))
    return JobPageView.model_construct(jobs=with_reasons(db, [_listed(row) for row in shown]), next_cursor=cursor)


def newer(db: Session, first: UUID | None, *, without: Collection[str], most: int) -> int:
    """Count the jobs that are newer than this one, at most so many; None stands for the beginning of time."""
    wanted = select(Job.id).where(Job.task.not_in(without))
    if first is not None:
        wanted = wanted.where(tuple_(*ORDER) > _place_of(first))
    return db.execute(select(func.count()).select_from(wanted.limit(most).subquery())).scalar_one()


def count(db: Session, query: JobQuery, *, most: int) -> int:
    """Count the jobs that fit the filters, at most so many, on whatever page the query is."""
    return db.execute(select(func.count()).select_from(_ids(query).limit(most).subquery())).scalar_one()


def failed(db: Session, query: JobQuery, *, most: int) -> list[UUID]:
    """Return the ids of the failed jobs that fit the filters, the oldest first and at most so many."""
    wanted = _ids(query.model_copy(update={"state": State.FAILED}))
    return list(db.scalars(wanted.order_by(*ORDER).limit(most)))


def _ids(query: JobQuery) -> Select[UUID]:
    """Return the statement that reads the ids of all pages, in no order."""
    return selected(query.model_copy(update={"cursor": None})).with_only_columns(Job.id).order_by(None)


def _place_of(id: UUID) -> ScalarSelect[Any]:
    return select(*ORDER).where(Job.id == id).scalar_subquery()


def _listed(row: Row[Any]) -> ListedJobView:
    return listed(Job.of_row(row), row.LiveJob, omitted=[name for name in BIG if not getattr(row, f"{name}_is_brief")])


def selected(query: JobQuery) -> Select[Any]:
    """Return the statement that reads these jobs, in the order of the list."""
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
