"""Listing: pages of schedules, of their runs and of their changes, by keyset."""

from collections.abc import Sequence
from enum import StrEnum
from itertools import dropwhile
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, Select, and_, or_, select, text, true, tuple_
from sqlalchemy.orm import Session, aliased, defer

from bellhop.errors import NotFound
from bellhop.overrides import Tag
from bellhop.text import WITHOUT_NUL
from bellhop_ledger.ledger.tables import Job
from bellhop_ledger.schedules import Schedule, ScheduleChange, ScheduleRun, Source
from bellhop_ledger.schedules.edit import find
from bellhop_web.http.brief import if_brief
from bellhop_web.http.cursors import PageQuery
from bellhop_web.http.fields import Name
from bellhop_web.schedules.health import Trouble, failures, has_late_job, is_in, not_fired
from bellhop_web.schedules.history import OF_A_RUN, OF_ITS_JOB
from bellhop_web.schedules.views import (
    NOTHING,
    ChangesView,
    ChangeView,
    ListedChangeView,
    ListedScheduleView,
    SchedulePageView,
    ScheduleState,
    ScheduleView,
    change_view,
    run_view,
    schedule_view,
)

IN_STATE: dict[ScheduleState, ColumnElement[bool]] = {
    ScheduleState.ACTIVE: Schedule.fire_at.is_not(None),
    ScheduleState.PAUSED: and_(Schedule.deleted_at.is_(None), Schedule.enabled.is_(False)),
    ScheduleState.DISABLED: and_(
        Schedule.deleted_at.is_(None), Schedule.enabled.is_(True), Schedule.disabled_reason.is_not(None)
    ),
    ScheduleState.OVER: and_(
        Schedule.deleted_at.is_(None),
        Schedule.enabled.is_(True),
        Schedule.disabled_reason.is_(None),
        Schedule.fire_at.is_(None),
    ),
    ScheduleState.DELETED: Schedule.deleted_at.is_not(None),
}

EVERYBODYS = true()


class Sort(StrEnum):
    """In which order schedules are listed."""

    NAME = "name"
    TROUBLE = "trouble"


class Filters(PageQuery):
    """Of which schedules."""

    state: ScheduleState | None = Field(default=None, description="Only those in this state; else all but deleted ones")
    task: Name | None = Field(default=None, description="Only those of this task")
    source: Source | None = Field(default=None, description="Only those of people (`api`) or of the code (`code`)")
    tag: Tag | None = Field(default=None, description="Only those whose jobs have this tag", examples=["tenant:7"])
    search: Annotated[str, Field(max_length=200), WITHOUT_NUL] | None = Field(
        default=None, description="Only those whose name contains this, in whichever case"
    )


class ScheduleQuery(Filters):
    """Which schedules to list."""

    list_name = "schedules"

    sort: Annotated[Sort, Field(strict=False)] = Field(
        default=Sort.NAME,
        description="By `name`, or by `trouble`: first those that are `failing`, then those that are `late`, then the "
        "`paused` ones, then the others; among them by name",
    )
    trouble: Annotated[Trouble, Field(strict=False)] | None = Field(
        default=None, description="Only those of which this is the worst that is wrong"
    )


class NoSuchChange(NotFound):
    """This schedule has no change with this id."""


class ChangeQuery(PageQuery):
    """Which page of changes."""

    list_name = "changes"


def page(db: Session, query: ScheduleQuery, *, whose: ColumnElement[bool] = EVERYBODYS) -> SchedulePageView:
    """Return one page of the schedules of which this holds, by name or with those in trouble first.

    A query that takes longer than 5 s is given up by the database.
    """
    db.execute(text("SET LOCAL statement_timeout = '5s'"))
    if query.sort is Sort.TROUBLE and query.trouble is None:
        places = in_groups(db, query, BY_TROUBLE, whose)
    else:
        condition = and_(whose, is_in(query.trouble)) if query.trouble else whose
        places = _places(db, query, condition, query.rows_to_read, query.place() if query.cursor else None)
    shown, cursor = query.page_of(places, lambda one: one.place)
    return SchedulePageView.model_construct(schedules=views_at(db, shown), next_cursor=cursor)


class Place(NamedTuple):
    """Where a schedule stands in the order of its list."""

    id: UUID
    place: list[str]


class Group(NamedTuple):
    """Schedules that are listed together, by name."""

    word: str
    """What stands for the group in a cursor."""
    condition: ColumnElement[bool]


BY_TROUBLE = [*(Group(one.value, is_in(one)) for one in Trouble), Group("calm", is_in(None))]


def in_groups(db: Session, query: Filters, groups: Sequence[Group], whose: ColumnElement[bool]) -> list[Place]:
    """Return the places of a page group by group: each is in the order of names, and so read from their index."""
    first, *after = query.place() if query.cursor else (groups[0].word,)
    found: list[Place] = []
    for group in dropwhile(lambda one: one.word != first, groups):
        left, place = query.rows_to_read - len(found), after if group.word == first else []
        if left:
            places = _places(db, query, and_(whose, group.condition), left, place or None)
            found += [Place(id, [group.word, *place]) for id, place in places]
    return found


def _places(
    db: Session, query: Filters, condition: ColumnElement[bool], most: int, after: list[str] | None
) -> list[Place]:
    """Return where schedules stand by name, at most so many after a place."""
    wanted = select(Schedule.id, Schedule.name).where(*_filters(query), condition)
    if after is not None:
        [name, id] = after
        wanted = wanted.where(tuple_(Schedule.name, Schedule.id) > (name, UUID(id)))
    rows = db.execute(wanted.order_by(Schedule.name, Schedule.id).limit(most))
    return [Place(id, [name, str(id)]) for id, name in rows]


def views_at(db: Session, places: Sequence[Place]) -> list[ListedScheduleView]:
    """Read the schedules at these places, but for any that was forgotten a moment ago.

    They are read by one statement, whose joins cost the planner more than their rows.
    """
    if not places:
        return []
    wanted = _with_last_run(if_brief(Schedule.args)).where(Schedule.id.in_([place.id for place in places]))
    views = {view.id: view for view in (_listed(*row) for row in db.execute(wanted.options(defer(Schedule.args))))}
    return [views[id] for id, _ in places if id in views]


def _listed(*row: Any) -> ListedScheduleView:
    *found, args = row
    view = _view(*found, args=args or {})
    return ListedScheduleView.model_construct(**dict(view), omitted=["args"] if args is None else [])


def find_view(db: Session, id: UUID) -> ScheduleView:
    """Return one schedule with its latest run, also a deleted one. Raises NoSuchSchedule."""
    find(db, id, deleted=True)
    return _view(*db.execute(_with_last_run().where(Schedule.id == id)).one())


def _view(schedule: Schedule, run: ScheduleRun | None, *facts: Any, args: dict[str, Any] | None = None) -> ScheduleView:
    *of_a_run, failures, late = facts
    return schedule_view(schedule, run_view(run, *of_a_run) if run else None, failures, late=late, args=args)


def changes(db: Session, id: UUID, query: ChangeQuery) -> ChangesView:
    """Return one page of a schedule's changes, the latest first. Raises NoSuchSchedule."""
    find(db, id, deleted=True)
    facts = [column for column in ScheduleChange.__table__.columns if column.name != "changes"]
    wanted = select(*facts, if_brief(ScheduleChange.changes).label("changes"))
    wanted = wanted.where(ScheduleChange.schedule_id == id).order_by(ScheduleChange.id.desc())
    if query.cursor is not None:
        wanted = wanted.where(ScheduleChange.id < UUID(query.place()[0]))
    rows = db.execute(wanted.limit(query.rows_to_read)).all()
    shown, cursor = query.page_of(rows, lambda row: [str(row.id)])
    return ChangesView.model_construct(changes=[_listed_change(row) for row in shown], next_cursor=cursor)


def _listed_change(row: Any) -> ListedChangeView:
    facts = {name: getattr(row, name) for name in ChangeView.model_fields if name != "withheld"}
    omitted = ["changes"] if row.changes is None else []
    return ListedChangeView.model_construct(**facts | {"changes": row.changes or {}}, omitted=omitted, withheld=NOTHING)


def change(db: Session, schedule_id: UUID, id: UUID) -> ChangeView:
    """Return one change with all that it changed. Raises NoSuchChange."""
    found = db.get(ScheduleChange, id)
    if found is None or found.schedule_id != schedule_id:
        raise NoSuchChange
    return change_view(found)


def _with_last_run(*more: ColumnElement[Any]) -> Select[Any]:
    latest = (
        select(ScheduleRun)
        .where(ScheduleRun.schedule_id == Schedule.id)
        .order_by(ScheduleRun.due_at.desc())
        .limit(1)
        .lateral()
    )
    run = aliased(ScheduleRun, latest)
    found = select(Schedule, run, *OF_A_RUN, failures(), or_(not_fired(), has_late_job()), *more).select_from(Schedule)
    return found.outerjoin(run, true()).outerjoin(Job, Job.id == run.job_id).options(OF_ITS_JOB)


def _filters(query: Filters) -> list[ColumnElement[bool]]:
    wanted = [
        IN_STATE[query.state] if query.state else Schedule.deleted_at.is_(None),
        Schedule.task == query.task if query.task is not None else None,
        Schedule.source == query.source if query.source is not None else None,
        Schedule.name.icontains(query.search, autoescape=True) if query.search else None,
        Schedule.overrides["tags"].contains([query.tag]) if query.tag else None,
    ]
    return [condition for condition in wanted if condition is not None]
