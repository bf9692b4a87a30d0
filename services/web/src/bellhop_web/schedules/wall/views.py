"""Views: how a row of the wall reads, and its runs."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from bellhop_ledger.schedules import Outcome
from bellhop_ledger.schedules.timing import LATE
from bellhop_ledger.schedules.window import MOST_CELLS
from bellhop_web.http.times import Utc
from bellhop_web.schedules.health import Trouble
from bellhop_web.schedules.views import STILL_RUNNING, ScheduleState


class CellState(StrEnum):
    """What became of a run, the worst first."""

    FAILED = "failed"
    MISSED = "missed"
    """No scheduler worked, and it is not made up for."""
    LATE = "late"
    """It should have begun."""
    RETRYING = "retrying"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"
    RUNNING = "running"
    WAITING = "waiting"
    RETRIED = "retried"
    """It succeeded, but not at once."""
    SUCCEEDED = "succeeded"
    ENDED = "ended"
    """It is a job that is gone, and nobody knows how it ended."""


class WallRunView(BaseModel):
    """A run that was due, and what became of it."""

    due_at: Utc
    state: CellState = Field(
        description=f"`late`: it has not begun {LATE.seconds} s after it was due; `retried`: it succeeded after an "
        "attempt that had not; `waiting` for a worker or for the end of an earlier run; the others as their words say"
    )
    reason: str | None = Field(description="Why it was skipped")
    late: bool = Field(description=f"Whether it began more than {LATE.seconds} s after it was due, or should have")
    lateness_seconds: float | None = Field(description="From `due_at` to when its first attempt began")
    took_seconds: float | None = Field(description="From the beginning of its last attempt to its end, or until now")
    missed_until: Utc | None = Field(description="When this stands for many missed runs, the last of them")
    manual: bool = Field(description="Whether somebody asked for it")
    job_id: UUID | None


class WallHourView(BaseModel):
    """The runs of a schedule in one hour."""

    at: Utc
    runs: int
    states: dict[CellState, int] = Field(description="How many runs came to what; see `state` of a run")
    late: int = Field(description=f"How many began more than {LATE.seconds} s after they were due")


class WallRowView(BaseModel):
    """What a schedule did."""

    id: UUID
    name: str
    task: str
    words: str
    time_zone: str
    state: ScheduleState
    trouble: Trouble | None
    failures: int
    pause_reason: str | None
    disabled_reason: str | None
    next_due_at: Utc | None
    runs: list[WallRunView] = Field(description="The earliest first; empty where there are `hours`")
    hours: list[WallHourView] = Field(
        description=f"In place of `runs` where they are more than {MOST_CELLS}: how many came to what in each hour"
    )


class WallView(BaseModel):
    """What schedules did from a moment on and before another: those with runs or in trouble, these first."""

    since: Utc
    until: Utc
    schedules: list[WallRowView]
    next_cursor: str | None = Field(description="Give it as `cursor` to get the next page; null on the last one")


def run_of_job(job: Any, line: Any, now: datetime) -> WallRunView:
    """Show a run that is a job; what the history says of it, where it still does, tells who asked for it."""
    lateness = (job.began_at - job.due_at).total_seconds() if job.began_at else None
    state = CellState(job.word)
    return WallRunView.model_construct(
        due_at=job.due_at,
        state=state,
        reason=None,
        late=state is CellState.LATE or _is_late(lateness),
        lateness_seconds=lateness,
        took_seconds=_took(job.started_at, job.finished_at or (now if state is CellState.RUNNING else None)),
        missed_until=None,
        manual=bool(line and line.is_manual),
        job_id=job.id,
    )


def run_of_line(line: Any) -> WallRunView:
    """Show a run of which only the history is left, or which never was a job."""
    began = line.first_started_at or line.started_at
    lateness = (began - line.due_at).total_seconds() if began else None
    skipped = line.outcome == Outcome.SKIPPED
    return WallRunView.model_construct(
        due_at=line.due_at,
        state=CellState(line.state or "ended") if line.outcome == Outcome.FIRED else CellState(line.outcome),
        reason=line.reason or (STILL_RUNNING if skipped else None),
        late=_is_late(lateness),
        lateness_seconds=lateness,
        took_seconds=_took(line.started_at, line.finished_at),
        missed_until=line.missed_until,
        manual=line.is_manual,
        job_id=line.job_id,
    )


def run_that_is_late(due: datetime) -> WallRunView:
    """Show a run that should have become a job and has not."""
    return WallRunView.model_construct(
        due_at=due,
        state=CellState.LATE,
        reason=None,
        late=True,
        lateness_seconds=None,
        took_seconds=None,
        missed_until=None,
        manual=False,
        job_id=None,
    )


def _is_late(lateness: float | None) -> bool:
    return lateness is not None and lateness > LATE.total_seconds()


def _took(start: datetime | None, end: datetime | None) -> float | None:
    return round((end - start).total_seconds(), 3) if start and end else None
