"""Listing: pages of schedules, of their runs and of their changes, by keyset."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, Select, and_, case, func, not_, select, true, tuple_
from sqlalchemy.orm import Session, aliased, defer

from bellhop.errors import NotFound
from bellhop.text import WITHOUT_NUL
from bellhop_ledger.ledger.events import was_retried
from bellhop_ledger.ledger.tables import Job, State
from bellhop_ledger.schedules import Outcome, Schedule, ScheduleChange, ScheduleRun, Source
from bellhop_ledger.schedules.edit import find
from bellhop_web.http.brief import if_brief
from bellhop_web.http.cursors import PageQuery
from bellhop_web.http.fields import Name
from bellhop_web.jobs.listing import CUT_ERROR
from bellhop_web.schedules.health import failures, in_trouble
from bellhop_web.schedules.views import (
    NOTHING,
    ChangesView,
    ChangeView,
    ListedChangeView,
    ListedScheduleView,
    RunsView,
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


WITHOUT_WORK = (defer(Job.args), defer(Job.result), defer(Job.error), defer(Job.past_attempts))
"""Of a run's job only the state and the times are read; the rest may be of any size."""
OF_A_RUN = (Job, was_retried(), case((Job.error.is_not(None), CUT_ERROR)))
"""What a view of a run tells beside the run's own facts."""


class ScheduleQuery(PageQuery):
    """Which schedules to list."""

    list_name = "schedules"

    state: ScheduleState | None = Field(default=None, description="Only those in this state; else all but deleted ones")
    task: Name | None = Field(default=None, description="Only those of this task")
    source: Source | None = Field(default=None, description="Only those of people (`api`) or of the code (`code`)")
    sort: Annotated[Sort, Field(strict=False)] = Field(
        default=Sort.NAME, description="By `name`, or by `trouble`: first those that are disabled or failing"
    )
    search: Annotated[str, Field(max_length=200), WITHOUT_NUL] | None = Field(
        default=None, description="Only those whose name contains this, in whichever case"
    )


class NoSuchChange(NotFound):
    """This schedule has no change with this id."""


class RunQuery(PageQuery):
    """Which page of a history, and which runs."""

    list_name = "runs"

    state: State | None = Field(default=None, description="Only those whose job is in this state")
    outcome: Outcome | None = Field(default=None, description="Only those of which this became")


class ChangeQuery(PageQuery):
    """Which page of changes."""

    list_name = "changes"


def page(db: Session, query: ScheduleQuery, *, whose: ColumnElement[bool] = EVERYBODYS) -> SchedulePageView:
    """Return one page of the schedules of which this holds, by name or with those in trouble first."""
    order: tuple[Any, ...] = (Schedule.name, Schedule.id)
    if query.sort is Sort.TROUBLE:
        order = (not_(in_trouble()), *order)
    wanted = _with_last_run(if_brief(Schedule.args)).where(*_filters(query), whose).order_by(*order)
    wanted = wanted.options(defer(Schedule.args))
    if query.cursor is not None:
        *calm, name, id = query.place()
        wanted = wanted.where(tuple_(*order) > (*[one == "calm" for one in calm], name, UUID(id)))
    rows = [_listed(*row) for row in db.execute(wanted.limit(query.rows_to_read))]
    shown, cursor = query.page_of(rows, lambda row: _place(row, query.sort))
    return SchedulePageView.model_construct(schedules=shown, next_cursor=cursor)


def _place(last: ScheduleView, sort: Sort) -> list[str]:
    place = [last.name, str(last.id)]
    if sort is Sort.TROUBLE:
        return ["trouble" if last.failures or last.disabled_reason is not None else "calm", *place]
    return place


def _listed(*row: Any) -> ListedScheduleView:
    *found, args = row
    view = _view(*found, args=args or {})
    return ListedScheduleView.model_construct(**dict(view), omitted=["args"] if args is None else [])


def find_view(db: Session, id: UUID) -> ScheduleView:
    """Return one schedule with its latest run, also a deleted one. Raises NoSuchSchedule."""
    find(db, id, deleted=True)
    return _view(*db.execute(_with_last_run().where(Schedule.id == id)).one())


def _view(schedule: Schedule, run: ScheduleRun | None, *facts: Any, args: dict[str, Any] | None = None) -> ScheduleView:
    *of_a_run, failures = facts
    return schedule_view(schedule, run_view(run, *of_a_run) if run else None, failures, args=args)


def history(db: Session, id: UUID, query: RunQuery) -> RunsView:
    """Return one page of a schedule's runs, the latest first. Raises NoSuchSchedule."""
    find(db, id, deleted=True)
    wanted = select(ScheduleRun, *OF_A_RUN).outerjoin(Job, Job.id == ScheduleRun.job_id).options(*WITHOUT_WORK)
    wanted = wanted.where(ScheduleRun.schedule_id == id, *_run_filters(query)).order_by(ScheduleRun.due_at.desc())
    if query.cursor is not None:
        wanted = wanted.where(ScheduleRun.due_at < datetime.fromisoformat(query.place()[0]))
    rows = db.execute(wanted.limit(query.rows_to_read)).all()
    shown, cursor = query.page_of(rows, lambda row: [row[0].due_at.astimezone(UTC).isoformat()])
    return RunsView.model_construct(runs=[run_view(*row) for row in shown], next_cursor=cursor)


def _run_filters(query: RunQuery) -> list[ColumnElement[bool]]:
    filters = []
    if query.state is not None:
        filters.append(func.coalesce(Job.state, ScheduleRun.state) == query.state)
    if query.outcome is not None:
        filters.append(ScheduleRun.outcome == query.outcome)
    return filters


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
    found = select(Schedule, run, *OF_A_RUN, failures(), *more).select_from(Schedule)
    return found.outerjoin(run, true()).outerjoin(Job, Job.id == run.job_id).options(*WITHOUT_WORK)


def _filters(query: ScheduleQuery) -> list[ColumnElement[bool]]:
    wanted = [
        IN_STATE[query.state] if query.state else Schedule.deleted_at.is_(None),
        Schedule.task == query.task if query.task is not None else None,
        Schedule.source == query.source if query.source is not None else None,
        Schedule.name.icontains(query.search, autoescape=True) if query.search else None,
    ]
    return [condition for condition in wanted if condition is not None]
