"""Pages of jobs: the list with its filters, one job with its story, and what an operator can do about them."""

from uuid import UUID

from flask import Response, make_response
from werkzeug.wrappers import Response as AnyResponse

from bellhop_ledger.audit import Action as Audited
from bellhop_ledger.ledger import control
from bellhop_ledger.ledger.tables import Job, State, has_expired, is_retrying
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.settings import Settings
from bellhop_web.auth.access import Access
from bellhop_web.auth.acts import note
from bellhop_web.auth.callers import current_caller
from bellhop_web.jobs.found import read_page, render_newer
from bellhop_web.jobs.logs import log_of
from bellhop_web.jobs.shown import filters
from bellhop_web.jobs.shown.reading import read_job
from bellhop_web.jobs.shown.samples import samples_of
from bellhop_web.jobs.titles import summary, title_of
from bellhop_web.jobs.views import ListedJobView
from bellhop_web.search.fields import EXPIRED, RETRYING
from bellhop_web.site.format import length
from bellhop_web.site.notices import flash
from bellhop_web.site.page import pages_blueprint, render, see_other

bp = pages_blueprint("jobs", access=Access.VIEWER)
filters.offer(bp)
"""Failed jobs that are queued again at once."""


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
    return RETRYING if retrying else EXPIRED if expired else str(job.state)


@bp.get("")
def index() -> Response:
    """List jobs, newest first."""
    shown = read_page(current_caller())
    return render("jobs/index.html", 422 if shown["faults_found"] else 200, **shown)


@bp.get("/newer")
def count_newer() -> Response:
    """Show how many jobs of a list are newer than its first one."""
    return make_response(render_newer(current_caller()))


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
