"""Views: how failures with one reason read from outside."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from bellhop_ledger.platform import clock
from bellhop_web.failures.statements import BARS
from bellhop_web.http.times import Utc
from bellhop_web.jobs.payloads import MARK
from bellhop_web.jobs.views import ErrorView

LONGEST_MESSAGE, LONGEST_TRACEBACK = 2_000, 5_000
"""Characters of the error of a sample that are shown; of its traceback the end."""
MOST_UNGROUPED = 10_000


class FailedTaskView(BaseModel):
    """How many of the jobs are of one task."""

    task: str
    count: int


class HostCountView(BaseModel):
    """How many of the jobs have called one host."""

    host: str
    count: int


class SampleView(BaseModel):
    """One of the jobs, the one that failed last."""

    id: UUID
    task: str
    error: ErrorView = Field(
        description=f"Of its message the first {LONGEST_MESSAGE:,} characters, of its traceback the last "
        f"{LONGEST_TRACEBACK:,}; the job itself has all of it"
    )


class FailureView(BaseModel):
    """Jobs that have failed of the same."""

    reason: str = Field(
        description="The id of the reason: `q=reason:<id>` finds its jobs. It stays the same", examples=["5f1c02ab9d3e"]
    )
    words: str = Field(
        description="The type and message of the error, in which what differs from job to job is masked: `#` is a "
        "number, `{id}`, `{host}`, `{url}`, `{address}`, `{value}` (quoted), `{path}`, `{file}` and `{time}` say "
        "themselves what they are. The type alone where you have no right to see payloads"
    )
    count: int = Field(description="How many jobs: those that follow together")
    failed: int
    cancelled: int
    retrying: int = Field(description="How many wait for their next attempt")
    first_at: Utc = Field(description="When the first of them failed; of one that is tried again, when it began to")
    last_at: Utc
    tasks: list[FailedTaskView] = Field(description="Their tasks, those of the most jobs first, at most 10")
    hosts: list[HostCountView] = Field(
        description="The hosts that they have called (`http.request`), those of the most jobs first, at most 10"
    )
    bars: list[int] = Field(description=f"How many failed in each of {BARS} parts of the window, the oldest first")
    sample: SampleView | None

    @property
    def named(self) -> str:
        """What it is called on pages."""
        return self.words or "No message"


class FailuresView(BaseModel):
    """Why jobs fail: the reasons of the most jobs first."""

    failures: list[FailureView]
    reasons: int = Field(description="How many reasons there are, listed or not")
    count: int = Field(description="How many jobs that are, listed or not")
    since: Utc = Field(description="Where the window begins")
    until: Utc
    ungrouped: bool = Field(
        description="Whether jobs failed in this window before this release: they have no reason and are not counted"
    )
    ungrouped_count: int = Field(description=f"How many these are; at most {MOST_UNGROUPED:,} are counted", default=0)
    ungrouped_until: Utc | None = Field(description="When the last of these failed that are counted", default=None)
    withheld: list[str] = Field(
        description="`words` and `sample` where you have no right to see payloads: all but the type of the error"
    )


def none_since(moment: datetime) -> FailuresView:
    """Return that nothing has failed since a moment."""
    return FailuresView(failures=[], reasons=0, count=0, since=moment, until=clock.now(), ungrouped=False, withheld=[])


def without_texts(view: FailuresView) -> FailuresView:
    """Return failures without what the jobs have said."""
    return view.model_copy(
        update={"failures": [_without(one) for one in view.failures], "withheld": ["words", "sample"]}
    )


def _without(one: FailureView) -> FailureView:
    if one.sample is None:
        return one.model_copy(update={"words": MARK})
    error = ErrorView(type=one.sample.error.type, message=MARK, traceback="")
    return one.model_copy(update={"words": error.type, "sample": one.sample.model_copy(update={"error": error})})
