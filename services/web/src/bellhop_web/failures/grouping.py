"""Grouping: the failures of a window by their reasons."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from bellhop_ledger.platform import clock
from bellhop_web.failures.requests import FailureQuery
from bellhop_web.failures.statements import BARS, EARLIEST, GROUPS, SAMPLES, UNNAMED
from bellhop_web.failures.views import (
    LONGEST_MESSAGE,
    LONGEST_TRACEBACK,
    MOST_UNGROUPED,
    FailedTaskView,
    FailuresView,
    FailureView,
    HostCountView,
    SampleView,
    none_since,
)
from bellhop_web.jobs.views import ErrorView

MOST_NAMED = 10
"""Tasks and hosts that are named of each reason."""
HOST = "host:"


def group(db: Session, query: FailureQuery, *, seconds: int = 5) -> FailuresView:
    """Return the failures by their reasons, those of the most jobs first.

    The database gives a statement up that takes longer than so many seconds.
    """
    db.execute(text(f"SET LOCAL statement_timeout = '{seconds}s'"))
    until = clock.now()
    since = _beginning(db, query, until).replace(microsecond=0)  # as a query has it
    which = {"since": since, "task": query.task, "queue": query.queue, "state": query.state}
    bounds = {"low": since.timestamp(), "high": until.timestamp(), "most": query.limit}
    rows = db.execute(GROUPS, which | bounds).all()
    unnamed = _unnamed(db, since)
    if not rows:
        return none_since(since).model_copy(update=unnamed)
    return FailuresView(
        failures=_views(rows, _samples(db, rows)),
        reasons=rows[0].reasons,
        count=int(rows[0].jobs),
        since=since,
        until=until,
        withheld=[],
        **unnamed,
    )


def _unnamed(db: Session, since: datetime) -> dict[str, Any]:
    """Return how many failures have no reason: those of the release that knew none."""
    [row] = db.execute(UNNAMED, {"since": since, "most": MOST_UNGROUPED})
    return {"ungrouped": bool(row.number), "ungrouped_count": row.number, "ungrouped_until": row.last}


def _beginning(db: Session, query: FailureQuery, until: datetime) -> datetime:
    if query.since.length:
        return until - query.since.length
    earliest: datetime | None = db.scalar(EARLIEST)
    return min(earliest or until, until - timedelta(hours=1))


def _samples(db: Session, rows: Iterable[Row[Any]]) -> dict[str, Row[Any]]:
    last = {row.reason: row.last for row in rows if not (row.of_task or row.of_host or row.of_bar)}
    lengths = {"longest_message": LONGEST_MESSAGE, "longest_traceback": LONGEST_TRACEBACK}
    found = db.execute(SAMPLES, lengths | {"reasons": list(last), "moments": list(last.values())})
    return {row.reason: row for row in found}


def _views(rows: Sequence[Row[Any]], samples: dict[str, Any]) -> list[FailureView]:
    parts: dict[str, list[Row[Any]]] = defaultdict(list)
    wholes: list[Row[Any]] = []
    for row in rows:
        is_part = row.of_task or row.of_host or row.of_bar
        (parts[row.reason] if is_part else wholes).append(row)
    return [_view(whole, parts[whole.reason], samples.get(whole.reason)) for whole in wholes]


def _view(whole: Row[Any], parts: Sequence[Row[Any]], sample: Any) -> FailureView:
    bars = {row.bar: int(row.number) for row in parts if row.of_bar}
    tasks = [row for row in parts if row.of_task]
    hosts = [row for row in parts if row.of_host and (row.limit_key or "").startswith(HOST)]
    return FailureView(
        reason=whole.reason,
        words=sample.words if sample else "",
        **{name: int(getattr(whole, name)) for name in ("failed", "cancelled", "retrying")},
        count=int(whole.number),
        first_at=whole.first,
        last_at=whole.last,
        tasks=[FailedTaskView(task=row.task, count=int(row.number)) for row in tasks[:MOST_NAMED]],
        hosts=[
            HostCountView(host=row.limit_key.removeprefix(HOST), count=int(row.number)) for row in hosts[:MOST_NAMED]
        ],
        bars=[bars.get(number, 0) for number in range(1, BARS + 1)],
        sample=sample and _sample(sample),
    )


def _sample(row: Any) -> SampleView:
    error = ErrorView(type=row.type or "", message=row.message or "", traceback=row.traceback or "")
    return SampleView(id=row.id, task=row.task, error=error)
