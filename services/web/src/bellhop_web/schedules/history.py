"""What pages show of a schedule beside its own fields: its latest runs as a strip, and who changed it, by name."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, true
from sqlalchemy.orm import Session, aliased

from bellhop_ledger.ledger.events import was_retried
from bellhop_ledger.ledger.tables import Job
from bellhop_ledger.schedules import Outcome, Schedule, ScheduleRun
from bellhop_web.schedules.health import MOST_FAILURES
from bellhop_web.schedules.views import RunView, run_view

KINDS = {Outcome.WAITING: "queued", Outcome.SKIPPED: "cancelled", Outcome.MISSED: "warning", Outcome.FIRED: "neutral"}
"""The colour of a run without a job."""


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
