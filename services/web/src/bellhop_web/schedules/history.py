"""History: the runs of a schedule, page by page and as a strip, and what became of each in a word."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, Select, case, func, select, true
from sqlalchemy.orm import Bundle, Session, load_only

from bellhop_ledger.ledger.events import was_retried
from bellhop_ledger.ledger.tables import Job, State
from bellhop_ledger.schedules import Outcome, Schedule, ScheduleRun
from bellhop_ledger.schedules.edit import find
from bellhop_web.http.cursors import PageQuery
from bellhop_web.http.fields import QueryMoment
from bellhop_web.jobs.filters import DATE
from bellhop_web.jobs.listing import CUT_ERROR
from bellhop_web.schedules.health import MOST_FAILURES
from bellhop_web.schedules.views import RunsView, RunView, run_view

KINDS = {Outcome.WAITING: "queued", Outcome.SKIPPED: "cancelled", Outcome.MISSED: "warning", Outcome.FIRED: "neutral"}
"""The colour of a run without a job."""


ITS_JOB = (Job.state, Job.attempt, Job.first_started_at, Job.started_at, Job.finished_at)
OF_ITS_JOB = load_only(*ITS_JOB)
"""Of a run's job only the state and the times are read; the rest may be of any size."""
OF_A_RUN = (Job, was_retried(), case((Job.error.is_not(None), CUT_ERROR)))
"""What a view of a run tells beside the run's own facts."""


class RunQuery(PageQuery):
    """Which page of a history, and which runs."""

    list_name = "runs"

    state: State | None = Field(default=None, description="Only those whose job is in this state")
    due_after: QueryMoment | None = Field(
        default=None, description=f"Only those that were due then or later: {DATE}", examples=["2030-01-31T18:00:00Z"]
    )
    due_before: QueryMoment | None = Field(default=None, description=f"Only those that were due before: {DATE}")
    outcome: Outcome | None = Field(default=None, description="Only those of which this became")


def history(db: Session, id: UUID, query: RunQuery) -> RunsView:
    """Return one page of a schedule's runs, the latest first. Raises NoSuchSchedule."""
    find(db, id, deleted=True)
    wanted = select(ScheduleRun, *OF_A_RUN).outerjoin(Job, Job.id == ScheduleRun.job_id).options(OF_ITS_JOB)
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
    if query.due_after is not None:
        filters.append(ScheduleRun.due_at >= query.due_after)
    if query.due_before is not None:
        filters.append(ScheduleRun.due_at < query.due_before)
    return filters


def latest_runs(db: Session, schedules: Sequence[UUID], count: int) -> dict[UUID, list[RunView]]:
    """Return the latest runs of some schedules, the oldest of them first, without the errors of their jobs.

    These are many, so they are read as tuples: to make objects of them takes longer than to show them.
    """
    newest = (
        select(ScheduleRun)
        .where(ScheduleRun.schedule_id == Schedule.id)
        .order_by(ScheduleRun.due_at.desc())
        .limit(count)
        .lateral()
    )
    query: Select[Any, Any, bool] = select(
        Bundle("run", *newest.c), Bundle("job", *ITS_JOB), was_retried()
    ).select_from(Schedule)
    query = query.join(newest, true()).outerjoin(Job, Job.id == newest.c.job_id)
    found: dict[UUID, list[RunView]] = defaultdict(list)
    for run, job, retried in db.execute(query.where(Schedule.id.in_(schedules)).order_by(newest.c.due_at)):
        found[run.schedule_id].append(run_view(run, job if job.state else None, retried))
    return found


def state_of_run(run: RunView) -> str:
    """Return a word for what became of a run: its job's state, or why it has none."""
    return "retrying" if run.retrying else str(run.state or run.outcome)


def kind_of_run(run: RunView) -> str:
    """Return the colour of a run."""
    return state_of_run(run) if run.state else KINDS[run.outcome]


def failed_runs(failures: int) -> str:
    """Return in words how many runs have failed in a row."""
    if failures == 1:
        return "last run failed"
    return f"last {failures}{' or more' if failures == MOST_FAILURES else ''} runs failed"
