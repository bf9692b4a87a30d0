"""Alarms: what an operator must know whatever page is open: that nothing runs, or that nothing becomes due."""

from dataclasses import dataclass

import flask
from flask import render_template
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bellhop_ledger.broker.celery_app import QUEUES
from bellhop_ledger.ledger.exported_days import ExportedDay, failed
from bellhop_ledger.ledger.heartbeats import LATE, Heartbeat, Service
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.tasks.known import known_tasks
from bellhop_web.auth import callers
from bellhop_web.auth.access import Access
from bellhop_web.live import topic
from bellhop_web.live.topics import Fragments


@dataclass(frozen=True)
class Alarm:
    """One thing that is wrong, for the title of the window and for the top of the page."""

    check: str
    """What was looked at: `worker`, `queue`, `scheduler` or `export`."""
    short: str
    words: str


NO_WORKER = Alarm("worker", "No worker", "No worker has reported lately: nothing runs.")
NO_SCHEDULER = Alarm("scheduler", "No scheduler", "No scheduler has reported lately: nothing becomes due.")


def read(db: Session) -> list[Alarm]:
    """Return what is wrong, by the heartbeats of the services."""
    db.execute(text("SET LOCAL statement_timeout = '2s'"))
    lately = Heartbeat.seen_at > func.now() - func.make_interval(0, 0, 0, 0, 0, 0, LATE)
    alive = db.execute(select(Heartbeat.service, Heartbeat.queues).where(lately)).all()
    workers = [queues or "" for service, queues in alive if service is Service.WORKER]
    alarms = [NO_WORKER] if not workers else [_unserved(queue) for queue in _queues() if not _serves(workers, queue)]
    alarms += [] if any(service is Service.SCHEDULER for service, _ in alive) else [NO_SCHEDULER]
    return alarms + [_not_exported(day) for day in failed(db)[:1]]


def _queues() -> list[str]:
    """Return our own queues, and those of all other tasks."""
    return list(dict.fromkeys([*QUEUES, *(task.queue for task in known_tasks().values())]))


def _serves(workers: list[str], queue: str) -> bool:
    return any(queue in [name.strip() for name in queues.split(",")] for queues in workers)


def _unserved(queue: str) -> Alarm:
    return Alarm("queue", f"No worker for {queue}", f"No worker takes jobs from the queue {queue}: they wait.")


def _not_exported(day: ExportedDay) -> Alarm:
    return Alarm(
        "export",
        "Export fails",
        f"The jobs to be forgotten on {day.day} could not be exported, and are kept: {day.error}",
    )


def alarms() -> list[Alarm]:
    """Return what is wrong, to who sees all jobs; nothing to others, and nothing while the database cannot be asked."""
    viewer = callers.caller()
    if viewer is None or not viewer.sees_all:
        return []
    try:
        with transaction() as db:
            return read(db)
    except SQLAlchemyError:
        return []


@topic("alarms", access=Access.VIEWER, every=5)
def live_alarms(_: None) -> Fragments:
    """Show what is wrong again."""
    with transaction() as db:
        return {"alarms": render_template("_alarms.html", alarms=read(db))}


def offer(app: flask.Flask) -> None:
    """Offer templates the alarms."""
    app.jinja_env.globals.update(alarms_now=alarms)
