"""The products' pages that everybody may look at, and the slow sum."""

from typing import Annotated
from uuid import UUID

from flask import Response, render_template
from pydantic import BaseModel, Field
from werkzeug.wrappers import Response as AnyResponse

from bellhop.errors import NotFound
from bellhop_ledger.api import Job, LiveJob, transaction
from bellhop_products.tasks import very_slow_add
from bellhop_products.web import catalogue
from bellhop_products.web.catalogue import ProductQuery
from bellhop_web.plugin import (
    Access,
    Caller,
    JobRequest,
    JobView,
    Origin,
    SubmitHeaders,
    current_caller,
    find_caller,
    job_view,
    new_job,
    pages_blueprint,
    read_form,
    render,
    see_other,
    show_again,
    submit_for,
    topic,
    valid_query,
)

bp = pages_blueprint("products", access=Access.USER, public=("index",))

Number = Annotated[int, Field(ge=-(10**9), le=10**9)]


class NoSuchSum(NotFound):
    """There is no sum of yours with this id."""


class SumForm(BaseModel):
    """Two numbers."""

    a: Number
    b: Number


@bp.get("")
def index() -> Response:
    """List the products."""
    query, faults = valid_query(ProductQuery)
    with transaction() as db:
        page = catalogue.page(db, query)
    return render("products/index.html", 422 if faults else 200, faults_found=faults, page=page, query=query)


@bp.post("/sums")
@show_again(index)
def add() -> AnyResponse:
    """Begin a sum."""
    form = read_form(SumForm)
    wanted = new_job(JobRequest(task=very_slow_add.name, args=form.model_dump()), Origin.of(SubmitHeaders()))
    with transaction() as db:
        [job] = submit_for(db, current_caller(), [wanted])
    return see_other("products_pages.show_sum", job_id=job.id)


@bp.get("/sums/<uuid:job_id>")
def show_sum(job_id: UUID) -> Response:
    """Show a sum, and its result when it is there."""
    if not is_for(find_caller(), job_id):
        raise NoSuchSum
    return render("products/sum.html", job=read(job_id))


def is_for(somebody: Caller | None, job_id: UUID) -> bool:
    """Whether somebody may see this sum: who asked for it, and operators."""
    with transaction() as db:
        job = db.get(Job, job_id)
    if somebody is None or job is None or job.task != very_slow_add.name:
        return False
    return somebody.may(Access.OPERATOR) or job.submitter == somebody.name


@topic("sum", key=UUID, access=Access.USER, every=0.5, may=is_for)
def counted(job_id: UUID) -> dict[str, str]:
    """Render how far the sum is."""
    return {"sum": render_template("products/_sum.html", job=read(job_id))}


def read(job_id: UUID) -> JobView:
    """Read the job of a sum. Raises NoSuchSum."""
    with transaction() as db:
        if (job := db.get(Job, job_id)) is None:
            raise NoSuchSum
        return job_view(job, db.get(LiveJob, job_id))
