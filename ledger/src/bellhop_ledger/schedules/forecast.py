"""Forecast: how many runs are due in each hour to come, by task, and how long their jobs will take.

It reckons with the recurrences, once for all schedules that have the same one. Jitter, and that a run may wait for the
end of an earlier one, are left out of account.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Row, case, func, select, text, true
from sqlalchemy.orm import Session

from bellhop.errors import Refused
from bellhop_ledger.ledger.heartbeats import LATE, Heartbeat, Service
from bellhop_ledger.platform.statements import run
from bellhop_ledger.schedules.tables import Schedule, rule_of
from bellhop_ledger.schedules.timing import Timing
from bellhop_ledger.tasks.known import known_tasks
from bellhop_ledger.tasks.table import TaskRunTime

HOUR = timedelta(hours=1)
MOST_RULES = 3_000
"""So many recurrences are reckoned with; if there are more, the rest is taken to be like them."""
LATEST_JOBS = 50
EVERYBODYS = true()

LATEST = text("""
    SELECT wanted.task, avg(CAST(extract(epoch FROM latest.finished_at - latest.started_at) AS float8)) AS mean
    FROM unnest(CAST(:tasks AS text[])) AS wanted (task), LATERAL (
        SELECT j.started_at, j.finished_at FROM jobs j
        WHERE j.task = wanted.task AND j.tier > 0 AND j.started_at IS NOT NULL
        ORDER BY j.created_at DESC LIMIT CAST(:most AS int)) AS latest
    GROUP BY wanted.task
""")


class Work(NamedTuple):
    """A task, and the queue in which its jobs wait."""

    task: str
    queue: str


@dataclass
class Load:
    """What is due of one task."""

    work: Work
    hours: int
    schedules: int = 0
    runs: list[float] = field(default_factory=list)
    """How many runs are due in each hour."""
    seconds: float | None = None
    """How long one takes, as the workers have measured it; None when they have not."""

    def __post_init__(self) -> None:
        self.runs = [0.0] * self.hours


@dataclass(frozen=True)
class Forecast:
    """What is due in the hours to come."""

    edges: Sequence[datetime]
    """Where the hours begin, and where the last one ends."""
    loads: Sequence[Load]
    processes: Mapping[str, int]
    """How many processes of workers serve each queue now."""
    estimated: bool
    """Whether some schedules were taken to be like the others."""


def edges_of(now: datetime, hours: int) -> list[datetime]:
    """Return the beginnings of the hours from now on, and the end: the first hour has begun already."""
    full = now.replace(minute=0, second=0, microsecond=0)
    return [now, *(full + number * HOUR for number in range(1, hours + 1))]


def forecast(
    db: Session,
    now: datetime,
    *,
    hours: int = 24,
    whose: ColumnElement[bool] = EVERYBODYS,
    most_rules: int = MOST_RULES,
) -> Forecast:
    """Return what is due in the present hour and those that follow."""
    edges = edges_of(now, hours)
    rows = db.execute(_rules(edges, whose)).all()
    loads = _loads(rows[:most_rules], rows[most_rules:], edges)
    _measure(db, loads)
    return Forecast(edges, loads, _processes(db), estimated=len(rows) > most_rules)


def _rules(edges: Sequence[datetime], whose: ColumnElement[bool]) -> Any:
    """Select each recurrence with how many schedules of which task have it: first those that stand for the most.

    The others come in no order that has to do with them, so that some of them can stand for all.
    """
    once = case((Schedule.once_at.is_not(None), func.greatest(func.date_trunc("hour", Schedule.once_at), edges[0])))
    rule = (
        Schedule.task,
        Schedule.overrides["queue"].astext.label("queue"),
        Schedule.crontab,
        Schedule.interval_seconds,
        Schedule.anchor,
        once.label("once_at"),
        Schedule.time_zone,
        case((Schedule.starts_at > edges[0], Schedule.starts_at)).label("starts_at"),
        case((Schedule.ends_at < edges[-1], Schedule.ends_at)).label("ends_at"),
    )
    wanted = select(*rule, func.count().label("schedules")).where(Schedule.fire_at < edges[-1], whose).group_by(*rule)
    return wanted.order_by(func.count().desc(), func.md5(func.concat(*rule)))


def _loads(rows: Sequence[Row[Any]], others: Sequence[Row[Any]], edges: Sequence[datetime]) -> list[Load]:
    found: dict[Work, Load] = {}
    for row in rows:
        load = _of(found, row, edges)
        load.schedules += row.schedules
        for hour, runs in enumerate(_runs(row, edges)):
            load.runs[hour] += runs * row.schedules
    alike = _per_schedule(found.values(), edges)
    for row in others:
        load = _of(found, row, edges)
        profile = alike.get(load.work) or alike[None]
        load.runs = [so_far + row.schedules * more for so_far, more in zip(load.runs, profile, strict=True)]
        load.schedules += row.schedules
    return sorted(found.values(), key=lambda one: (-sum(one.runs), one.work))


def _of(found: dict[Work, Load], row: Row[Any], edges: Sequence[datetime]) -> Load:
    known = known_tasks().get(row.task)
    work = Work(row.task, row.queue or (known.queue if known else ""))
    return found.setdefault(work, Load(work, len(edges) - 1))


def _runs(row: Row[Any], edges: Sequence[datetime]) -> Iterable[int]:
    try:
        rule = rule_of(row.crontab, row.interval_seconds, row.anchor, row.once_at, row.time_zone)
    except Refused:  # it will be disabled when it is due
        return [0] * (len(edges) - 1)
    timing = Timing(rule, row.starts_at, row.ends_at)
    return (timing.count_between(start, end) for start, end in pairwise(edges))


def _per_schedule(loads: Iterable[Load], edges: Sequence[datetime]) -> dict[Work | None, list[float]]:
    """Return how many runs a schedule has in each hour, for each task and, as None, for all of them together."""
    alike: dict[Work | None, list[float]] = {}
    together, schedules = [0.0] * (len(edges) - 1), 0
    for load in loads:
        alike[load.work] = [runs / load.schedules for runs in load.runs]
        together = [so_far + more for so_far, more in zip(together, load.runs, strict=True)]
        schedules += load.schedules
    alike[None] = [runs / max(schedules, 1) for runs in together]
    return alike


def _measure(db: Session, loads: Sequence[Load]) -> None:
    """Estimate how long a job takes: as the workers have it, or on average of the latest where they saw too few."""
    names = {load.work.task for load in loads}
    rows = db.execute(select(TaskRunTime.task, TaskRunTime.mean).where(TaskRunTime.task.in_(names)))
    means = dict(rows.all())
    rare = sorted(names - means.keys())
    means |= {row.task: row.mean for row in run(db, LATEST, tasks=rare, most=LATEST_JOBS)} if rare else {}
    for load in loads:
        load.seconds = means.get(load.work.task)


def _processes(db: Session) -> Mapping[str, int]:
    alive = Heartbeat.seen_at > func.now() - timedelta(seconds=LATE)
    workers = select(Heartbeat.queues, Heartbeat.processes).where(Heartbeat.service == Service.WORKER, alive)
    found: dict[str, int] = defaultdict(int)
    for queues, processes in db.execute(workers):
        for queue in (queues or "").split(","):
            found[queue.strip()] += processes or 0
    return found
