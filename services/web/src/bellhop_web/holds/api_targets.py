"""Routes that pause and resume queues and tasks."""

from flask import Response

from bellhop_ledger.ledger.holds import Kind
from bellhop_web.holds.api import pause_one, resume_one
from bellhop_web.holds.requests import NamePath, PauseRequest
from bellhop_web.holds.views import HoldView
from bellhop_web.openapi.library import answers, blueprint

bp = blueprint("targets", "/api", tag="holds")


@bp.post("/queues/<name>/pause", responses=answers(200, HoldView, 400, 404, 409, 413, 415))
def pause_queue(path: NamePath, body: PauseRequest) -> Response:
    """Pause a queue: its jobs are accepted and wait, and running ones end. Again, it changes the reason and the end."""
    return pause_one(Kind.QUEUE, path.name, body)


@bp.post("/queues/<name>/resume", responses=answers(204, None, 404))
def resume_queue(path: NamePath) -> Response:
    """Resume a queue: what has waited goes on, the most urgent and oldest first.

    One that is not paused stays as it is.
    """
    return resume_one(Kind.QUEUE, path.name)


@bp.post("/tasks/<name>/pause", responses=answers(200, HoldView, 400, 404, 409, 413, 415))
def pause_task(path: NamePath, body: PauseRequest) -> Response:
    """Pause a task, whatever the queues of its jobs are: they are accepted and wait, and running ones end."""
    return pause_one(Kind.TASK, path.name, body)


@bp.post("/tasks/<name>/resume", responses=answers(204, None, 404))
def resume_task(path: NamePath) -> Response:
    """Resume a task: what has waited goes on, the most urgent and oldest first.

    One that is not paused stays as it is.
    """
    return resume_one(Kind.TASK, path.name)
