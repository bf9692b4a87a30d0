"""The wall: which schedules stand on it, in which order, and the runs of each."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, and_, cast, exists, or_, select, text, true
from sqlalchemy.orm import Session

from bellhop_ledger.ledger.tables import Job, Tier
from bellhop_ledger.schedules import Schedule, ScheduleRun
from bellhop_ledger.schedules.history import KEPT
from bellhop_ledger.schedules.timing import LATE
from bellhop_ledger.schedules.window import MOST_CELLS, hours_in, jobs_by_id, jobs_in, runs_in
from bellhop_web.schedules.health import Trouble, has_failed, is_in
from bellhop_web.schedules.listing import Group, in_groups, views_at
from bellhop_web.schedules.views import ScheduleView
from bellhop_web.schedules.wall.requests import WallQuery, Window
from bellhop_web.schedules.wall.views import (
    CellState,
    WallHourView,
    WallRowView,
    WallRunView,
    WallView,
    run_of_job,
    run_of_line,
    run_that_is_late,
)

EVERYBODYS = true()
MOST_LOOKED_AT = 5_000
"""So many schedules are looked at for one with runs; a page may therefore have less of them than it could."""
CALM = "calm"
OF_THE_SCHEDULE = (
    "id", "name", "task", "words", "time_zone", "state", "trouble", "failures", "pause_reason", "disabled_reason",
    "next_due_at",
)  # fmt: skip


def wall(
    db: Session, query: WallQuery, window: Window, now: datetime, *, whose: ColumnElement[bool] = EVERYBODYS
) -> WallView:
    """Return one page of the schedules that had runs or are in trouble, the latter first.

    A statement that takes longer than 5 s is given up by the database.
    """
    db.execute(text("SET LOCAL statement_timeout = '5s'"))
    end = _end_of_look(db, query)
    one = Schedule.id == query.schedule if query.schedule else true()
    places = in_groups(db, query, _groups(window, end), and_(whose, one))
    shown, cursor = query.page_of(places, lambda one: one.place)
    if cursor is None and end is not None:
        cursor = query.cursor_at([CALM, *end])
    made = rows_of(db, views_at(db, shown), window, now)
    return WallView.model_construct(since=window.since, until=window.until, schedules=made, next_cursor=cursor)


def _groups(window: Window, end: tuple[str, str] | None) -> list[Group]:
    """Return the groups of the wall: what is wrong now, what failed meanwhile, and what merely ran."""
    fine, failed = is_in(None), _failed_in(window)
    before_end = Schedule.name <= end[0] if end else true()
    calm = and_(before_end, fine, ~failed, _ran_in(window))
    wrong = {one: Group(one.value, is_in(one)) for one in Trouble}
    meanwhile = Group("meanwhile", and_(failed, fine))
    return [wrong[Trouble.FAILING], wrong[Trouble.LATE], meanwhile, wrong[Trouble.PAUSED], Group(CALM, calm)]


def _end_of_look(db: Session, query: WallQuery) -> tuple[str, str] | None:
    """Return the last schedule by name that is looked at for runs; None where all that are left are."""
    group, *place = query.place() if query.cursor else ("", "", "")
    after = place[0] if group == CALM else ""
    wanted = select(Schedule.name, Schedule.id).where(Schedule.deleted_at.is_(None), Schedule.name > after)
    row = db.execute(wanted.order_by(Schedule.name).offset(MOST_LOOKED_AT - 1).limit(1)).first()
    return (row.name, str(row.id)) if row else None


def _failed_in(window: Window) -> ColumnElement[bool]:
    due = (Job.due_at >= window.since, Job.due_at < window.until)
    failed = select(Job.schedule).where(*has_failed(), *due)
    return cast(Schedule.id, Text).in_(failed.correlate(None))


def _ran_in(window: Window) -> ColumnElement[bool]:
    """Whether a schedule had a run: in its history, of which a line may stand for many, or as a job, further back."""
    line = exists().where(
        ScheduleRun.schedule_id == Schedule.id, ScheduleRun.due_at >= window.since, ScheduleRun.due_at < window.until
    )
    job = exists().where(
        Job.schedule == cast(Schedule.id, Text),
        Job.due_at >= window.since,
        Job.due_at < window.until,
        Job.tier > Tier.UNFINISHED,
    )
    before = select(ScheduleRun.missed_until).where(
        ScheduleRun.schedule_id == Schedule.id, ScheduleRun.due_at < window.since
    )
    missed = before.order_by(ScheduleRun.due_at.desc()).limit(1).correlate(Schedule).scalar_subquery()
    often = and_(Schedule.runs > KEPT, job.correlate(Schedule))
    return or_(line.correlate(Schedule), missed >= window.since, often)


def rows_of(db: Session, schedules: Sequence[ScheduleView], window: Window, now: datetime) -> list[WallRowView]:
    """Return what schedules did in a window."""
    ids = [schedule.id for schedule in schedules]
    jobs = _by_schedule(jobs_in(db, ids, window.since, window.until))
    lines = _by_schedule(runs_in(db, ids, window.since, window.until))
    often = [id for id in ids if max(len(jobs[id]), len(lines[id])) > MOST_CELLS]
    hours = _by_schedule(hours_in(db, often, window.since, window.until, window.origin))
    rarely = [schedule for schedule in schedules if schedule.id not in often]
    _add_just_ended(db, [line for one in rarely for line in lines[one.id]], jobs)
    runs = {one.id: _runs(jobs[one.id], lines[one.id], now) for one in rarely}
    for one in rarely:
        _add_overdue(runs[one.id], one, window, now)
    return [_row(one, runs.get(one.id, {}), _hours(hours[one.id])) for one in schedules]


def _by_schedule(rows: Iterable[Any]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = defaultdict(list)
    for row in rows:
        found[UUID(str(row.schedule_id))].append(row)
    return found


def _add_just_ended(db: Session, lines: Sequence[Any], jobs: Mapping[UUID, list[Any]]) -> None:
    """Add the jobs of these lines that were not found with their schedules."""
    found = {str(job.id) for some in jobs.values() for job in some}
    missing = {str(line.job_id): line for line in lines if line.job_id and not line.state}
    for job in jobs_by_id(db, sorted(missing.keys() - found)):
        jobs[UUID(str(missing[str(job.id)].schedule_id))].append(job)


def _runs(jobs: Sequence[Any], lines: Sequence[Any], now: datetime) -> dict[datetime, WallRunView]:
    by_due = {line.due_at: line for line in lines}
    runs = {due: run_of_line(line) for due, line in by_due.items()}
    return runs | {job.due_at: run_of_job(job, by_due.get(job.due_at), now) for job in jobs}


def _add_overdue(runs: dict[datetime, WallRunView], schedule: ScheduleView, window: Window, now: datetime) -> None:
    """Add the run that should have become a job, and has not."""
    due = schedule.next_due_at
    if due and due + timedelta(seconds=schedule.jitter_seconds) < now - LATE and window.since <= due < window.until:
        runs.setdefault(due, run_that_is_late(due))


def _hours(rows: Sequence[Any]) -> list[WallHourView]:
    found: dict[datetime, WallHourView] = {}
    for row in sorted(rows, key=lambda row: row.hour):
        hour = found.setdefault(row.hour, WallHourView(at=row.hour, runs=0, states={}, late=0))
        hour.runs, hour.late = hour.runs + row.runs, hour.late + row.late
        hour.states[CellState(row.word)] = hour.states.get(CellState(row.word), 0) + row.runs
    return list(found.values())


def _row(schedule: ScheduleView, runs: Mapping[datetime, WallRunView], hours: list[WallHourView]) -> WallRowView:
    facts = {name: getattr(schedule, name) for name in OF_THE_SCHEDULE}
    return WallRowView.model_construct(**facts, runs=[runs[due] for due in sorted(runs)], hours=hours)
