"""Views: how counts read from outside."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy import text
from sqlalchemy.orm import Session

from bellhop_ledger.ledger.counting import counts
from bellhop_ledger.ledger.counting.counts import NUMBERS, Counted, Step, Wanted
from bellhop_web.http.times import StoredUtc, Utc
from bellhop_web.timeline.requests import CountsQuery

SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}


class TimesView(BaseModel):
    """How long something took."""

    p50: float = Field(description="Seconds that half of them did not exceed")
    p95: float = Field(description="Seconds that 95 of 100 did not exceed")
    p99: float = Field(description="Seconds that 99 of 100 did not exceed")


class CountView(BaseModel):
    """What was counted."""

    submitted: int = Field(description="Jobs that were submitted")
    succeeded: int = Field(description="Jobs that succeeded")
    failed: int = Field(description="Jobs that failed for good; one that somebody retries counts with each of its ends")
    cancelled: int = Field(description="Jobs that were cancelled, those that had expired among them")
    expired: int = Field(description="Jobs that were cancelled because they had not begun in time")
    retried: int = Field(description="Attempts that failed or were lost and were followed by another one")
    wait: TimesView | None = Field(
        description="How long the attempts that ended had waited in the queue; null where none ended"
    )
    run: TimesView | None = Field(description="How long these attempts ran")


class PointView(CountView):
    """What was counted in a minute, an hour or a day."""

    starts_at: Utc


class TaskCountView(CountView):
    """What was counted of a task in the whole time."""

    task: str


class CountsView(BaseModel):
    """Counts."""

    step: Step
    since: Utc = Field(description="Where the first point begins")
    until: Utc = Field(description="Where the last point ends")
    counted_since: StoredUtc | None = Field(
        description="What ended before is not counted; null: nothing is counted until a scheduler runs"
    )
    counted_until: StoredUtc | None = Field(description="What ended before is counted; later points may still grow")
    total: CountView = Field(description="All points together")
    tasks: list[TaskCountView] = Field(description="The same by task, those with the most failures first")
    points: list[PointView] = Field(description="Each minute, hour or day of this time, the earliest first")


def counts_view(db: Session, query: CountsQuery) -> CountsView:
    """Read counts. The database may take 2 s for each part. Raises Invalid."""
    wanted = query.wanted
    db.execute(text("SET LOCAL statement_timeout = '2s'"))
    bars = counts.by_bar(db, wanted, wanted.step.length, times=wanted.step)
    tasks, how_far = counts.by_task(db, wanted, times=wanted.step), counts.progress(db)
    return CountsView(
        step=wanted.step,
        since=wanted.since,
        until=wanted.until,
        counted_since=how_far and how_far.since,
        counted_until=how_far and how_far.counted_until,
        total=CountView(**_facts(counts.together(tasks.values()))),
        tasks=[TaskCountView(task=name, **_facts(one)) for name, one in worst_first(tasks)],
        points=[
            PointView(starts_at=at, **_facts(bars.get(at, Counted()))) for at in moments(wanted, wanted.step.length)
        ],
    )


def worst_first(tasks: Mapping[str, Counted]) -> list[tuple[str, Counted]]:
    """Return tasks with their counts: those with the most failures first, then those with the most jobs."""
    return sorted(tasks.items(), key=lambda one: (-one[1].failed, -one[1].retried, -one[1].ended, one[0]))


def moments(wanted: Wanted, width: timedelta) -> Iterator[datetime]:
    """Yield where each stretch of this width begins."""
    at = wanted.since
    while at < wanted.until:
        yield at
        at += width


def _facts(counted: Counted) -> dict[str, Any]:
    times = {"wait": _times(counted.wait), "run": _times(counted.run)}
    return {name: getattr(counted, name) for name in NUMBERS} | times


def _times(of: Any) -> TimesView | None:
    found = {name: of(share) for name, share in SHARES.items()}
    return None if None in found.values() else TimesView(**{name: _rounded(value) for name, value in found.items()})


def _rounded(seconds: float) -> float:
    """Return it with three digits: more it does not have."""
    return float(f"{seconds:.3g}")
