"""Pages of jobs: the list with its filters, one job with its story, and what an operator can do about them."""

from typing import Any
from uuid import UUID

from flask import Response, render_template, url_for
from pydantic import model_validator
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from bellhop_ledger.audit import Action as Audited
from bellhop_ledger.ledger import control
from bellhop_ledger.ledger.many import retry_many
from bellhop_ledger.ledger.outbox_sender import send
from bellhop_ledger.ledger.tables import Job, State, has_expired, is_retrying
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.database import after_commit, transaction
from bellhop_ledger.platform.settings import Settings
from bellhop_ledger.tasks.known import known_tasks
from bellhop_web.auth.access import Access
from bellhop_web.auth.acts import note
from bellhop_web.auth.callers import current_caller
from bellhop_web.jobs import listing
from bellhop_web.jobs.logs import log_of
from bellhop_web.jobs.payloads import may_listen, without_payload
from bellhop_web.jobs.shown import filters
from bellhop_web.jobs.shown.reading import read_job
from bellhop_web.jobs.shown.samples import samples_of
from bellhop_web.jobs.titles import submitters_of, summary, title_of
from bellhop_web.jobs.views import ListedJobView
from bellhop_web.live import topic
from bellhop_web.live.topics import Fragments
from bellhop_web.site.format import length, plural
from bellhop_web.site.forms import read_form, valid_query
from bellhop_web.site.notices import flash
from bellhop_web.site.page import pages_blueprint, render, see_other

bp = pages_blueprint("jobs", access=Access.VIEWER)
filters.offer(bp)
MOST_RETRIED = 1_000
MOST_NEWER = 100
MADE_UP = (listing.RETRYING, listing.EXPIRED)
STATES = [("", "any"), *((state.value, state.value) for state in State), *((name, name) for name in MADE_UP)]


class JobFilters(listing.JobQuery):
    """Which jobs the page lists: quiet tasks only where they are asked for."""

    list_name = "jobs page"
    quiet: bool = False

    @model_validator(mode="before")
    @classmethod
    def _as_typed(cls, given: dict[str, Any]) -> dict[str, Any]:
        rest = {name: value for name, value in given.items() if name != "tag"}
        tags = " ".join(given.get("tag") or ()).split()  # all in one field
        return listing.without_made_up(rest | ({"tag": tags} if tags else {}), MADE_UP)

    @property
    def left_out(self) -> list[str]:
        """The tasks that are not listed: one every second would bury all else."""
        if self.quiet or self.task:
            return []
        return known_tasks().quiet


@bp.app_template_filter()
def took(job: ListedJobView) -> str:
    """Write how long the last attempt of a job took that has ended; one that was cancelled as it waited took none."""
    over = any(past.started_at == job.started_at for past in job.past_attempts[-1:])
    unknown = job.state is State.CANCELLED and "past_attempts" in job.omitted
    if over or unknown or not (job.started_at and job.finished_at):
        return ""
    return length(job.finished_at - job.started_at)


@bp.app_template_filter()
def summary_of(job: ListedJobView) -> str:
    """Write the arguments by which a job of a list is told from others of its task."""
    return summary(job.args)


@bp.app_template_filter()
def shown_state(job: Job | ListedJobView) -> str:
    """Return the word for where a job stands, which says more than its state where there is more to say."""
    retrying, expired = (is_retrying(job), has_expired(job)) if isinstance(job, Job) else (job.retrying, job.expired)
    return listing.RETRYING if retrying else listing.EXPIRED if expired else str(job.state)


@bp.get("")
def index() -> Response:
    """List jobs, newest first."""
    query, faults = valid_query(JobFilters)
    live = not query.model_fields_set and not faults
    facts = {"live": live, "faults_found": faults, "states": STATES, "tasks": sorted(known_tasks())}
    return render(
        "jobs/index.html",
        422 if faults else 200,
        failed=_failed(query),
        most_retried=MOST_RETRIED,
        **facts,
        **_listed(query, withheld=not current_caller().sees_payloads),
    )


def _failed(query: JobFilters) -> int:
    """Count what the button under a list of failed jobs would queue again, and one more where there are more."""
    if query.state is not State.FAILED:
        return 0
    with transaction() as db:
        return listing.count(db, query, most=MOST_RETRIED + 1)


def _listed(query: JobFilters, first: UUID | None = None, *, withheld: bool) -> dict[str, Any]:
    with transaction() as db:
        found = listing.page(db, query, without=query.left_out, first=first)
        names = submitters_of(db, found.jobs)
    if withheld:
        found.jobs = [without_payload(job) for job in found.jobs]
    older = found.next_cursor and url_for("jobs_pages.index", **{**query.filters, "cursor": found.next_cursor})
    return {"found": found, "older": older, "query": query, "withheld": withheld, "names": names}


def first_job(written: str) -> UUID | None:
    """Read the key of the list of jobs: the newest one that is shown; none of an empty list. Raises ValueError."""
    return UUID(written) if written else None


def find_first(db: Session, first: UUID | None) -> None:
    """Find the job with which the list begins, unless it is empty. Raises NoSuchJob."""
    if first is not None:
        control.find(db, first)


@topic("jobs", key=first_job, access=Access.VIEWER, every=3, exists=find_first, may=may_listen)
def live_list(first: UUID | None) -> Fragments:
    """Show the same jobs again, each in its place, and how many are newer."""
    return _list_again(first, withheld=False)


@topic("jobs_outline", key=first_job, access=Access.VIEWER, every=3, exists=find_first)
def live_outline(first: UUID | None) -> Fragments:
    """Show the same without what the jobs were given and returned."""
    return _list_again(first, withheld=True)


def _list_again(first: UUID | None, *, withheld: bool) -> Fragments:
    """A list that somebody filters stands still: its query may be a slow one."""
    query = JobFilters()
    with transaction() as db:
        find_first(db, first)
        count = listing.newer(db, first, without=query.left_out, most=MOST_NEWER + 1)
    fragments = {"newer": render_template("jobs/_newer.html", count=count, most=MOST_NEWER)}
    if first is not None:
        fragments["jobs"] = render_template("jobs/_list.html", **_listed(query, first, withheld=withheld))
    return fragments


@bp.get("/<job:job_id>")
def show(job_id: UUID) -> Response:
    """Show one job."""
    withheld = not current_caller().sees_payloads
    read = read_job(job_id, withheld=withheld)
    with transaction() as db:
        log = None if withheld else log_of(db, control.find(db, job_id), with_tracebacks=True)
    samples = [] if withheld else samples_of(read["job"])
    return render("jobs/show.html", **read, log=log, samples=samples, title=title_of(read["job"]))


@bp.post("/<job:job_id>/cancel")
def cancel(job_id: UUID) -> AnyResponse:
    """Cancel a job."""
    with transaction() as db:
        job = control.cancel(db, job_id, keep=Settings.load().retention_hours * 3600, by=current_caller().actor)
        note(db, Audited.JOB_CANCELLED, "job", job_id)
    flash("The job is cancelled." if job.state.ended else "The job is being stopped.")
    return see_other("jobs_pages.show", job_id=job_id)


@bp.post("/<job:job_id>/retry")
def retry(job_id: UUID) -> AnyResponse:
    """Queue a job again."""
    with transaction() as db:
        control.retry(db, job_id, by=current_caller().actor)
        note(db, Audited.JOB_RETRIED, "job", job_id)
    flash("The job is queued again, with all its attempts.", "neutral")  # it may fail while this is read
    return see_other("jobs_pages.show", job_id=job_id)


@bp.post("/retry")
def retry_failed() -> AnyResponse:
    """Queue all failed jobs again that the filters name, a thousand at a time."""
    query = read_form(JobFilters)
    with transaction() as db:
        found = listing.failed(db, query, most=MOST_RETRIED)
        ready = retry_many(db, found, ended_by=clock.now(), by=current_caller().actor)
        after_commit(db, send, ready)
        retried = len(ready)
        note(db, Audited.JOBS_RETRIED, "job", number=retried, filters=query.filters)
    more = " There may be more." if retried == MOST_RETRIED else ""
    flash(f"{plural(retried, 'job is', 'jobs are')} queued again.{more}", "good" if retried else "warning")
    return see_other("jobs_pages.index", **query.filters)
