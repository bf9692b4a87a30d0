"""The pages of workers: the list, one of them, and draining it."""

from typing import Any

from flask import Response, render_template
from werkzeug.wrappers import Response as AnyResponse

from bellhop_ledger.ledger.draining import TOPIC
from bellhop_ledger.platform.database import transaction
from bellhop_web.auth.access import Access
from bellhop_web.auth.names import names_of
from bellhop_web.live import topic
from bellhop_web.live.topics import Fragments
from bellhop_web.site import flash, pages_blueprint, read_form, render, see_other, show_again
from bellhop_web.workers import actions
from bellhop_web.workers.listing import all_workers, one_worker
from bellhop_web.workers.requests import DrainRequest
from bellhop_web.workers.views import WorkerView

bp = pages_blueprint("workers", access=Access.VIEWER)


@bp.get("")
def index() -> Response:
    """Show who runs the jobs."""
    return render("workers/index.html", **_read_all())


@bp.get("/<name>")
def show(name: str) -> Response:
    """Show a worker and what its processes run."""
    return render("workers/show.html", **_read(name))


@bp.post("/<name>/drain")
@show_again(show)
def drain(name: str) -> AnyResponse:
    """Drain a worker."""
    form = read_form(DrainRequest)
    with transaction() as db:
        worker = actions.drain(db, name, form.reason)
    flash(f"The worker {worker} takes no new jobs from now on. What it runs ends.")
    return see_other(".show", name=worker)


@bp.post("/<name>/resume")
def resume(name: str) -> AnyResponse:
    """Let a worker take jobs again."""
    with transaction() as db:
        resumed = actions.resume(db, name)
    flash("The worker takes jobs again." if resumed else "The worker did not drain.")
    return see_other(".show", name=name)


@topic(TOPIC, access=Access.VIEWER, every=2.0)
def live_list(_: None) -> Fragments:
    """Show the list again."""
    read = _read_all()
    return {part: render_template(f"workers/_{part}.html", **read) for part in ("workers", "schedulers", "events")}


@topic("worker", key=str, access=Access.VIEWER, every=2.0, exists=one_worker)
def live_worker(name: str) -> Fragments:
    """Show a worker again."""
    return {"worker": render_template("workers/_worker.html", **_read(name))}


def _read_all() -> dict[str, Any]:
    with transaction() as db:
        found = all_workers(db)
        names = names_of(db, _by(found.workers))
    return {"found": found, "names": names}


def _read(name: str) -> dict[str, Any]:
    with transaction() as db:
        found = one_worker(db, name)
        names = names_of(db, _by([found]))
    return {"worker": found, "names": names}


def _by(workers: list[WorkerView]) -> set[str]:
    return {one.draining.by for one in workers if one.draining}
