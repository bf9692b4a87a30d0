"""Routes of /api/tasks/<name>: a task whose body is an HTTP endpoint is made, changed, looked at and deleted."""

from flask import Response
from pydantic import Field

from bellhop_ledger.audit import Action
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.tasks import endpoints
from bellhop_ledger.tasks.known import known_tasks
from bellhop_web.auth.access import Access
from bellhop_web.auth.acts import note
from bellhop_web.auth.callers import current_caller
from bellhop_web.endpoints.requests import EndpointRequest
from bellhop_web.endpoints.views import EndpointView
from bellhop_web.http.answers import respond
from bellhop_web.http.fields import Name
from bellhop_web.http.request import Parameters
from bellhop_web.openapi.library import answers, blueprint

bp = blueprint("endpoints", "/api/tasks", access=Access.VIEWER, tag="tasks")


class TaskPath(Parameters):
    """Which task."""

    name: Name = Field(description="The task's name", examples=["billing.charge"])


@bp.put("/<name>", responses=answers(200, EndpointView, 400, 409, 413, 415))
def put_endpoint(path: TaskPath, body: EndpointRequest) -> Response:
    """Make a task whose body is a service of yours, or change it. A task of the workers keeps its name.

    For each job the arguments are sent to the `url` as JSON. The change counts from the next call on, also for jobs
    that wait; `***` in place of a secret keeps what is stored, as long as the URL has the same host.
    """
    with transaction() as db:
        endpoint, is_new = endpoints.put(db, path.name, body.wanted(), by=current_caller().name)
        note(db, Action.ENDPOINT_STORED, "task", path.name, new=is_new)
        view = EndpointView.of(endpoint, known_tasks().current().served)
    return respond(view)


@bp.get("/<name>", responses=answers(200, EndpointView, 404))
def show_endpoint(path: TaskPath) -> Response:
    """Show a task whose body is an HTTP endpoint. `GET /api/tasks` lists all tasks."""
    with transaction() as db:
        view = EndpointView.of(endpoints.find(db, path.name), known_tasks().current().served)
    return respond(view)


@bp.delete("/<name>", responses=answers(204, None, 404))
def delete_endpoint(path: TaskPath) -> Response:
    """Delete a task whose body is an HTTP endpoint.

    What goes on at the endpoint may still be completed. Jobs that wait do so until there is a task of this name again;
    after a day (`UNKNOWN_TASK_HOURS`) they fail.
    """
    with transaction() as db:
        endpoints.delete(db, path.name)
        note(db, Action.ENDPOINT_DELETED, "task", path.name)
    return Response(status=204)
