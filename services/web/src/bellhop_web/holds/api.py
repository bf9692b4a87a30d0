"""Routes of /api/holds and /api/hosts: what is paused, and pausing and resuming the calls of a host."""

from flask import Response

from bellhop_ledger.ledger.holds import Kind
from bellhop_ledger.platform.database import transaction
from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import current_caller
from bellhop_web.holds import actions
from bellhop_web.holds.requests import HostPath, PauseRequest
from bellhop_web.holds.views import HoldsView, HoldView, all_holds, find_hold
from bellhop_web.http.answers import respond
from bellhop_web.openapi.library import answers, blueprint

bp = blueprint("holds", "/api", access=Access.VIEWER)


@bp.get("/holds", responses=answers(200, HoldsView))
def list_holds() -> Response:
    """List what is paused, the longest first. Schedules say themselves whether they are."""
    with transaction() as db:
        found = all_holds(db)
    return respond(HoldsView(holds=found))


@bp.post("/hosts/<name>/pause", responses=answers(200, HoldView, 400, 409, 413, 415))
def pause_host(path: HostPath, body: PauseRequest) -> Response:
    """Pause the calls of a host: jobs of `http.request` with its name in their URL are accepted and wait.

    Where its redirects lead to does not count, nor does the port.
    """
    return pause_one(Kind.HOST, path.name, body)


@bp.post("/hosts/<name>/resume", responses=answers(204, None))
def resume_host(path: HostPath) -> Response:
    """Resume the calls of a host, the most urgent and oldest first. One that is not paused stays as it is."""
    return resume_one(Kind.HOST, path.name)


def pause_one(kind: Kind, name: str, body: PauseRequest) -> Response:
    """Pause something and answer with the hold."""
    with transaction() as db:
        actions.pause(db, kind, name, body, by=current_caller().name)
        made = find_hold(db, kind, name)
    return respond(made)


def resume_one(kind: Kind, name: str) -> Response:
    """Resume something and answer that there is nothing more to say."""
    with transaction() as db:
        actions.resume(db, kind, name, by=current_caller().actor)
    return Response(status=204)
