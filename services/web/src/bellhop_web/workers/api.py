"""Routes of /api/workers: who runs the jobs, and draining one."""

from flask import Response

from bellhop_ledger.platform.database import transaction
from bellhop_web.auth.access import Access
from bellhop_web.http.answers import respond
from bellhop_web.openapi.library import answers, blueprint
from bellhop_web.workers import actions
from bellhop_web.workers.listing import all_workers, one_worker
from bellhop_web.workers.requests import DrainRequest, WorkerPath
from bellhop_web.workers.views import WorkersView, WorkerView

bp = blueprint("workers", "/api/workers", access=Access.VIEWER)


@bp.get("", responses=answers(200, WorkersView))
def list_workers() -> Response:
    """List the workers with what each of their processes runs, the schedulers, and when these started and stopped.

    A worker says every five seconds what it does. One that is stopped leaves the list; one that died is `silent`, and
    forgotten after an hour.
    """
    with transaction() as db:
        found = all_workers(db)
    return respond(found)


@bp.get("/<name>", responses=answers(200, WorkerView, 404))
def show_worker(path: WorkerPath) -> Response:
    """Show a worker with what each of its processes runs."""
    with transaction() as db:
        found = one_worker(db, path.name)
    return respond(found)


@bp.post("/<name>/drain", responses=answers(200, WorkerView, 400, 404, 409, 413, 415))
def drain_worker(path: WorkerPath, body: DrainRequest) -> Response:
    """Drain a worker: it takes no new jobs, those that it runs end, and it stays until it is stopped or resumed.

    It learns of it within five seconds. Messages that were on their way to it go back to their queues. Again, it
    changes the reason. A worker that is started takes jobs, whatever was said of the one before.
    """
    with transaction() as db:
        found = one_worker(db, actions.drain(db, path.name, body.reason))
    return respond(found)


@bp.post("/<name>/resume", responses=answers(204, None, 404))
def resume_worker(path: WorkerPath) -> Response:
    """Let a worker take jobs again. One that does not drain stays as it is."""
    with transaction() as db:
        actions.resume(db, path.name)
    return Response(status=204)
