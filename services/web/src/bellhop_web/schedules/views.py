"""Views: how a schedule, its runs and its changes read from outside."""

from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from bellhop.errors import Refused
from bellhop_ledger.ledger.tables import Job, State, first_start, is_retrying
from bellhop_ledger.platform.secrets import masked
from bellhop_ledger.schedules import CatchUp, Outcome, Overlap, Schedule, ScheduleChange, ScheduleRun, Source
from bellhop_ledger.schedules.timing import LATE
from bellhop_ledger.tasks.known import known_tasks
from bellhop_web.http.brief import OMITTED
from bellhop_web.http.times import Utc
from bellhop_web.jobs.views import PastErrorView
from bellhop_web.schedules.health import MOST_FAILURES, Trouble, trouble_of


class ScheduleState(StrEnum):
    """Whether a schedule runs."""

    ACTIVE = "active"
    PAUSED = "paused"
    DISABLED = "disabled"
    OVER = "over"
    DELETED = "deleted"


STILL_RUNNING = "An earlier run had not ended"


class RunView(BaseModel):
    """A run that was due, and what became of it."""

    due_at: Utc
    outcome: Outcome = Field(
        description="`fired`: it is a job; `waiting` for the end of an earlier one; `skipped`, see "
        "`reason`; `missed` while no scheduler worked"
    )
    reason: str | None = Field(description="Why it was skipped")
    manual: bool = Field(description="Whether somebody asked for it")
    missed_until: Utc | None = Field(description="When this stands for many missed runs, the last of them")
    job_id: UUID | None = Field(description="Its job; it is gone when its retention is over, its end is still known")
    state: State | None = Field(description="Of the job")
    retrying: bool = Field(description="Whether an attempt of the job failed and it waits for the next one")
    fired_at: Utc | None = Field(description="When it became a job")
    first_started_at: Utc | None = Field(description="When the job's first attempt began; a retry does not change it")
    started_at: Utc | None = Field(description="When the job's last attempt began")
    finished_at: Utc | None = Field(description="When the job ended")
    lateness_seconds: float | None = Field(description="From `due_at` to `first_started_at`, with the jitter")
    retried: bool = Field(description="Whether somebody retried the job after its end; see the job's events")
    error: PastErrorView | None = Field(
        description="Why the job's last attempt failed, cut to 500 characters; null when it has not, and when the job "
        "is gone"
    )


class ScheduleView(BaseModel):
    """A schedule. Its times are in UTC."""

    id: UUID
    name: str
    state: ScheduleState = Field(
        description="`active`; `paused` by people; `disabled`, for its task has changed or is gone, see "
        "`disabled_reason`; `over` when no run is to come; `deleted`"
    )
    words: str = Field(description="When it runs, in words")
    task: str
    args: dict[str, Any] = Field(description="Secrets are shown as `***`; sent back so, they stay")
    withheld: list[str] = Field(description="`args` where you have no right to see payloads; else nothing")
    crontab: str | None
    interval_seconds: int | None
    anchor: Utc | None
    once_at: Utc | None
    time_zone: str
    starts_at: Utc | None
    ends_at: Utc | None
    jitter_seconds: int
    catch_up: CatchUp
    grace_seconds: int | None
    ceiling: int
    overlap: Overlap
    priority: int
    overrides: dict[str, Any] | None = Field(
        description="What its jobs do in another way than those of their task: `queue`, `max_attempts`, `timeout`, "
        "`tags` and `label`"
    )
    enabled: bool
    pause_reason: str | None = Field(description="Why people have paused it, where they have said so")
    paused_by: str | None = Field(description="`user:<id>` or `token:<id>`")
    resume_at: Utc | None = Field(description="When it is resumed by itself; null: when somebody resumes it")
    disabled_reason: str | None = Field(description="Why it does not run although it is enabled")
    note: str
    source: Source = Field(description="`api`: people edit it; `code`: declared with a task, people may pause it")
    next_due_at: Utc | None = Field(description="The next run")
    last_run: RunView | None = Field(description="The latest run that was due")
    failures: int = Field(
        description=f"How many runs have failed in a row since the last that succeeded; {MOST_FAILURES} are counted"
    )
    trouble: Trouble | None = Field(
        description="The worst that is wrong: it is `failing` (the last run that ended has failed, or it is disabled), "
        f"`late` (a run has not begun {LATE.seconds} s after it was due) or `paused`; null: nothing"
    )
    version: int = Field(description="Goes up with each change")
    created_at: Utc
    created_by: str
    updated_at: Utc
    updated_by: str
    deleted_at: Utc | None


class ListedScheduleView(ScheduleView):
    """A schedule in a list."""

    omitted: list[str] = OMITTED


class SchedulePageView(BaseModel):
    """One page of schedules, by name."""

    schedules: list[ListedScheduleView]
    next_cursor: str | None = Field(description="Give it as `cursor` to get the next page; null on the last one")


class RunsView(BaseModel):
    """One page of runs, the latest first."""

    runs: list[RunView]
    next_cursor: str | None = Field(description="Give it as `cursor` to get the next page; null on the last one")


class ChangeView(BaseModel):
    """Who changed what."""

    id: UUID
    changed_at: Utc
    changed_by: str = Field(description="`token:<id>`, `user:<id>`, or `code` for a release or a check of ours")
    action: str
    changes: dict[str, Any] = Field(description="By field: what it was and what it became")
    withheld: list[str] = Field(description="`changes.args` where you have no right to see payloads; else nothing")


class ListedChangeView(ChangeView):
    """Who changed what, in a list."""

    omitted: list[str] = OMITTED


class ChangesView(BaseModel):
    """One page of changes, the latest first."""

    changes: list[ListedChangeView]
    next_cursor: str | None = Field(description="Give it as `cursor` to get the next page; null on the last one")


NOTHING: list[str] = []
WORKED_OUT = frozenset(
    {"args", "withheld", "state", "words", "last_run", "failures", "trouble", "source", "catch_up", "overlap"}
)
SAME = [name for name in ScheduleView.model_fields if name not in WORKED_OUT]


def schedule_view(
    schedule: Schedule,
    last_run: RunView | None = None,
    failures: int = 0,
    *,
    late: bool = False,
    args: dict[str, Any] | None = None,
) -> ScheduleView:
    """Show a schedule with its latest run and how many have failed, perhaps with other arguments than all of its."""
    return ScheduleView.model_construct(
        **{name: getattr(schedule, name) for name in SAME},
        args=known_tasks().in_order(schedule.task, masked(schedule.args if args is None else args)),
        withheld=NOTHING,
        state=state_of(schedule),
        words=words_of(schedule),
        source=Source(schedule.source),
        catch_up=CatchUp(schedule.catch_up),
        overlap=Overlap(schedule.overlap),
        last_run=last_run,
        failures=failures,
        trouble=trouble_of(schedule, failures, late),
    )


def state_of(schedule: Schedule) -> ScheduleState:
    """Return whether a schedule runs."""
    if schedule.deleted_at:
        return ScheduleState.DELETED
    if not schedule.enabled:
        return ScheduleState.PAUSED
    if schedule.disabled_reason is not None:
        return ScheduleState.DISABLED
    return ScheduleState.ACTIVE if schedule.fire_at else ScheduleState.OVER


def words_of(schedule: Schedule) -> str:
    """Return in words when a schedule runs, or why it can no longer be read."""
    try:
        return schedule.timing.rule.words
    except Refused as error:
        return str(error)


def run_view(
    run: ScheduleRun, job: Job | None, retried: bool | None = False, error: dict[str, str] | None = None
) -> RunView:
    """Show a run; how its job ended is known when that is gone, too."""
    state, started, finished = (
        (job.state, job.started_at, job.finished_at) if job else (run.state, run.started_at, run.finished_at)
    )
    began = first_start(job or run)
    return RunView.model_construct(
        due_at=run.due_at,
        outcome=Outcome(run.outcome),
        reason=run.reason or (STILL_RUNNING if run.outcome == Outcome.SKIPPED else None),
        manual=run.is_manual,
        missed_until=run.missed_until,
        job_id=run.job_id,
        state=State(state) if state else None,
        retrying=job is not None and is_retrying(job),
        fired_at=run.made_at if run.job_id else None,
        first_started_at=began,
        started_at=started,
        finished_at=finished,
        lateness_seconds=round((began - run.due_at).total_seconds(), 3) if began else None,
        retried=bool(retried),
        error=PastErrorView(**error) if error else None,
    )


def change_view(change: ScheduleChange) -> ChangeView:
    """Show a change."""
    facts = {name: getattr(change, name) for name in ChangeView.model_fields if name != "withheld"}
    return ChangeView.model_construct(**facts, withheld=NOTHING)
