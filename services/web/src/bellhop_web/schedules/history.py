"""History: the runs of a schedule, page by page and as a strip, and what became of each in a word."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, case, func, select, true
from sqlalchemy.orm import Session, aliased, load_only

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


OF_ITS_JOB = load_only(Job.state, Job.attempt, Job.first_started_at, Job.started_at, Job.finished_at)
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
    """Return the latest runs of some schedules, the oldest of them first, without the errors of their jobs."""
    newest = (
        select(ScheduleRun)
        .where(ScheduleRun.schedule_id == Schedule.id)
        .order_by(ScheduleRun.due_at.desc())
        .limit(count)
        .lateral()
    )
    run = aliased(ScheduleRun, newest)
    query = select(run, Job, was_retried()).select_from(Schedule).join(run, true()).outerjoin(Job, Job.id == run.job_id)
    query = query.options(OF_ITS_JOB)
    found: dict[UUID, list[RunView]] = defaultdict(list)
    for row, job, retried in db.execute(query.where(Schedule.id.in_(schedules)).order_by(run.due_at)):
        found[row.schedule_id].append(run_view(row, job, retried))
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
