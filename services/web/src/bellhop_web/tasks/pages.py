"""The pages of tasks: the list, and what one takes, who serves it and what became of its jobs."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import Response, render_template
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from bellhop.errors import NotFound
from bellhop_ledger.ledger.counting import counts
from bellhop_ledger.ledger.counting.counts import Step, Wanted
from bellhop_ledger.ledger.holds import Kind
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.schedules.tables import Schedule
from bellhop_ledger.tasks.known import known_tasks
from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import current_caller
from bellhop_web.auth.names import names_of
from bellhop_web.holds.requests import LENGTHS
from bellhop_web.holds.views import HoldView, all_holds
from bellhop_web.http.problems import did_you_mean
from bellhop_web.jobs import listing
from bellhop_web.live import topic
from bellhop_web.live.topics import Fragments
from bellhop_web.queues.views import workers_by_queue
from bellhop_web.schedules import listing as schedule_listing
from bellhop_web.schedules.listing import ScheduleQuery
from bellhop_web.site import pages_blueprint, render
from bellhop_web.tasks.fields import rows_of
from bellhop_web.tasks.views import TaskView, view_of
from bellhop_web.timeline.bar import of_page

bp = pages_blueprint("tasks", access=Access.VIEWER)
LATEST, MOST_SCHEDULES = 10, 50
DAY = timedelta(days=1)


class NoSuchTask(NotFound):
    """There is no task of this name."""


@bp.get("")
def index() -> Response:
    """Show what work there is."""
    return render("tasks/index.html", **_read_all())


@bp.get("/<name>")
def show(name: str) -> Response:
    """Show a task."""
    task, read = find(name), _read(name)
    rows = rows_of(task.arguments, dict.fromkeys(task.secrets))
    may_submit = current_caller().may_submit(name)
    read |= {"rows": rows, "lengths": LENGTHS, "may_submit": may_submit, "timeline": of_page(task=name)}
    return render("tasks/show.html", **read)


@topic("tasks", access=Access.VIEWER, every=5.0)
def live_list(_: None) -> Fragments:
    """Show the list again."""
    return {"tasks": render_template("tasks/_list.html", **_read_all())}


def exists(_: Session, name: str) -> TaskView:
    """Return a task. Raises NoSuchTask."""
    return find(name)


@topic("task", key=str, access=Access.VIEWER, every=3.0, exists=exists)
def live_task(name: str) -> Fragments:
    """Show again how a task is served and what became of its jobs."""
    read = _read(name)
    return {part: render_template(f"tasks/_{part}.html", **read) for part in ("served", "latest")}


def find(name: str) -> TaskView:
    """Return a task. Raises NoSuchTask."""
    known = known_tasks()
    if name not in known:
        known.look_again()
    if name not in known:
        raise NoSuchTask(f"There is no task {name!r}{did_you_mean(name, list(known))}")
    return view_of(known[name], known.current())


def _read_all() -> dict[str, Any]:
    known = known_tasks().current()
    with transaction() as db:
        db.execute(text("SET LOCAL statement_timeout = '2s'"))
        paused, schedules = _paused(db), _schedules_by_task(db)
        now = clock.now()
        lately = counts.by_task(db, Wanted(Step.HOUR, now - DAY, now), times=Step.HOUR)
    tasks = [view_of(task, known) for task in known.tasks.values()]
    return {"tasks": tasks, "paused": paused, "schedules": schedules, "lately": lately}


def _read(name: str) -> dict[str, Any]:
    task = find(name)
    with transaction() as db:
        db.execute(text("SET LOCAL statement_timeout = '2s'"))
        hold = _paused(db).get(name)
        workers = workers_by_queue(db).get(task.queue, [])
        names = names_of(db, {hold.by} if hold else set())
        latest = listing.page(db, listing.JobQuery(task=name, limit=LATEST)).jobs
        schedules = schedule_listing.page(db, ScheduleQuery(task=name, limit=MOST_SCHEDULES)).schedules
    return {
        "task": task, "hold": hold, "workers": workers, "names": names, "latest": latest, "schedules": schedules,
    }  # fmt: skip


def _paused(db: Session) -> Mapping[str, HoldView]:
    return {hold.name: hold for hold in all_holds(db) if hold.kind is Kind.TASK}


def _schedules_by_task(db: Session) -> dict[str, int]:
    query = select(Schedule.task, func.count()).where(Schedule.deleted_at.is_(None)).group_by(Schedule.task)
    return {row[0]: row[1] for row in db.execute(query)}
