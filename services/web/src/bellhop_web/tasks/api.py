"""Routes of /api/tasks: what can be asked for."""

from flask import Response

from bellhop_ledger.tasks.known import known_tasks
from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import current_caller
from bellhop_web.http.answers import respond
from bellhop_web.openapi.library import answers, blueprint
from bellhop_web.tasks.views import TasksView, view_of

bp = blueprint("tasks", "/api/tasks", access=Access.OWN)


@bp.get("", responses=answers(200, TasksView))
def list_tasks() -> Response:
    """List the tasks with the JSON Schema of their arguments: all of them, or to members those that they may submit."""
    known, caller = known_tasks().current(), current_caller()
    shown = [task for task in known.tasks.values() if caller.may_submit(task.name)]
    return respond(TasksView(tasks=[view_of(task, known) for task in shown]))
