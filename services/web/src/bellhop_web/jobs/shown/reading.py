"""What the page of a job shows, and shows again while it is open: with its payload, or as an outline without it."""

from typing import Any
from uuid import UUID

from flask import render_template

from bellhop_ledger.ledger import control
from bellhop_ledger.ledger.events import latest_events_of
from bellhop_ledger.ledger.holds import reasons
from bellhop_ledger.ledger.tables import Job, LiveJob
from bellhop_ledger.platform.database import transaction
from bellhop_web.auth.access import Access
from bellhop_web.auth.names import names_of
from bellhop_web.jobs.attempts import shown_attempts
from bellhop_web.jobs.held import why
from bellhop_web.jobs.logs import log_of
from bellhop_web.jobs.payloads import events_without, live_without, may_listen, row_without
from bellhop_web.jobs.shown.answered import answered
from bellhop_web.jobs.shown.chart import chart_of
from bellhop_web.jobs.shown.children import children_of, parent_of
from bellhop_web.jobs.shown.explained import explained
from bellhop_web.jobs.shown.story import callers_of, story_of
from bellhop_web.jobs.titles import schedule_name
from bellhop_web.live import topic
from bellhop_web.live.topics import Fragments

PARTS = ("head", "progress", "outcome", "story", "attempts", "children")
MOST_EVENTS = 100
"""Events of a job that its story tells, the latest ones."""


def read_job(id: UUID, *, withheld: bool) -> dict[str, Any]:
    """Return what the page of a job shows. Raises NoSuchJob."""
    with transaction() as db:
        job: Job = control.find(db, id)
        live_job = db.get(LiveJob, id)
        events = latest_events_of(db, job, most=MOST_EVENTS)
        names, schedule = names_of(db, callers_of(job, events)), schedule_name(db, job)
        blocked = why(job.blocked_by, reasons(db)) if job.blocked_by else ""
        family = {"children": children_of(db, job.id), "parent": parent_of(db, job)}
    if withheld:
        job, live_job, events = row_without(job), live_without(live_job), events_without(events)
    story, chart = story_of(job, live_job, events, names, blocked=blocked), chart_of(job, events)
    facts = {"job": job, "live": live_job, "withheld": withheld, "names": names, "schedule": schedule}
    outcome = {"explained": explained(job), "answered": answered(job)}
    return facts | outcome | family | {"story": story, "chart": chart, "attempts": shown_attempts(job)}


@topic("job", key=UUID, access=Access.VIEWER, every=1, exists=control.find, may=may_listen)
def live_job(job_id: UUID) -> Fragments:
    """Show one job again."""
    return _fragments(job_id, withheld=False)


@topic("job_outline", key=UUID, access=Access.VIEWER, every=1, exists=control.find)
def live_outline(job_id: UUID) -> Fragments:
    """Show one job again, without its payload."""
    return _fragments(job_id, withheld=True)


def _fragments(job_id: UUID, *, withheld: bool) -> Fragments:
    read = read_job(job_id, withheld=withheld)
    return {f"job-{part}": render_template(f"jobs/_{part}.html", **read) for part in PARTS}


@topic("job_log", key=UUID, access=Access.VIEWER, every=5, exists=control.find, may=may_listen)
def live_log(job_id: UUID) -> Fragments:
    """Show what a job has logged."""
    with transaction() as db:
        log = log_of(db, control.find(db, job_id), with_tracebacks=True)
    return {"job-log": render_template("jobs/_log_lines.html", log=log)}
