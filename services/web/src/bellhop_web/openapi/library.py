"""The OpenAPI library, kept behind this one module."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import current_app
from flask_openapi import APIBlueprint, OpenAPI
from flask_openapi.models import Info, Tag
from pydantic import BaseModel
from werkzeug.routing import BaseConverter

from bellhop import __version__
from bellhop_ledger.ledger.adopt import job_id_of
from bellhop_ledger.platform.settings import Settings
from bellhop_ledger.tasks.known import known_tasks
from bellhop_web.auth.access import Access, Rule, declare, role_for
from bellhop_web.http.csrf import SESSION_COOKIE
from bellhop_web.http.forms import ANY_FILE, LimitedRequest
from bellhop_web.http.problems import Problem, not_valid
from bellhop_web.openapi.document import finished
from bellhop_web.openapi.examples import Examples

SERVICES = "x-service-tokens"
"""Stands at each operation that is for service tokens, too."""
SCHEMES = {
    "token": {
        "type": "http",
        "scheme": "bearer",
        "description": "A token of your account, of a service, or the system's, in the header "
        "`Authorization: Bearer <token>`. One with the scope `read` is refused where something is changed.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": SESSION_COOKIE,
        "description": "The session of a browser that is signed in. What changes something wants the page's token "
        "besides, in the header `X-CSRF-Token`.",
    },
}


PATHS_OF_THEIR_OWN = ["accept", "batch", "cancel", "forecast", "import", "jumps", "options", "preview", "retry", "wall"]
"""What stands where others have an id; tests/test_contract.py names what is missing here."""


class Id(BaseConverter):
    """An id in a path. Whether it is one the route says."""

    regex = f"(?!(?:{'|'.join(PATHS_OF_THEIR_OWN)})$)[^/]+"


class JobId(BaseConverter):
    """The id of a job in the path of a page, or the one that a Celery client gave its task."""

    def to_python(self, value: str) -> UUID:
        """Return the job's id."""
        return job_id_of(value)


class Api(OpenAPI):  # type: ignore[misc]
    """A Flask application that describes itself."""

    request_class = LimitedRequest
    examples: Examples
    finished: tuple[str | None, dict[str, Any]] | None = None
    """The document, and for which tasks it was written."""

    def document(self) -> dict[str, Any]:
        """Return the document; it is written again when the tasks change."""
        known = known_tasks().current()
        if self.finished is None or self.finished[0] != known.mark:
            url = Settings.load().public_url
            self.finished = known.mark, finished(self.api_doc, self.examples, known.tasks, url)
        return self.finished[1]


def make_api(import_name: str) -> Api:
    """Make the application, with problems in place of the library's own errors and without its own pages."""
    api = Api(
        import_name,
        info=Info(title="Bellhop", version=__version__),
        security_schemes=SCHEMES,
        validation_error_model=Problem,
        validation_error_callback=not_valid,
        doc_ui=False,
        static_folder=None,  # bellhop_web.site.assets serves it
    )
    api.url_map.converters |= {"id": Id, "job": JobId}
    api.url_map.merge_slashes = False  # a path with two slashes is unknown, not a redirect
    api.json.sort_keys = False  # in the order in which people read
    return api


def security_of(access: Access, method: str) -> list[dict[str, list[str]]]:
    """Return what a route wants; OpenAPI 3.1 lets a role stand with every scheme."""
    needed = role_for(access, method)
    roles = [str(needed)] if needed else []
    return [] if access is Access.PUBLIC else [{"token": roles}, {"session": roles}]


class Routes(APIBlueprint):  # type: ignore[misc]
    """A group of routes, which describes for each of them whom it is for."""

    rule: Rule

    def _collect_openapi_info(self, rule: str, func: Callable[..., Any], **said: Any) -> Any:
        access = self.rule.of(func.__name__)
        self.abp_security = security_of(access, said["method"])
        if access.services:
            said["openapi_extensions"] = {SERVICES: True}
        return super()._collect_openapi_info(rule, func, **said)


def blueprint(
    name: str,
    path: str,
    *,
    tag: str | None = None,
    access: Access = Access.OPERATOR,
    **others: tuple[str, ...],
) -> APIBlueprint:
    """Make a group of routes for these people; `public` names the functions that are for everybody.

    `users` names those that are for everybody who is signed in, and `viewers` those that viewers may look at.
    `tag` is the heading in the description of the API, where it is not the name; a domain says what stands below it.
    """
    heading = Tag(name=tag or name)
    routes = Routes(
        name,
        __name__,
        url_prefix=path,
        abp_tags=[heading],
        operation_id_callback=lambda name, path, method: name,
    )
    routes.rule = declare(name, access, **others)
    return routes


def answers(success: int, model: type[BaseModel] | None, *problems: int) -> dict[int, Any]:
    """Name what a route answers: one success and the problems that can come instead of it.

    Those of a route that is not for everybody, 401 and 403, need not be named.
    """
    return {success: model or {}} | {status: {} for status in sorted({401, 403, 422, 503, *problems})}


def file_answers(*problems: int) -> dict[int, Any]:
    """Name what a route answers that gives a file, whole or in part."""
    content = {"text/csv": {"schema": {"type": "string"}}}
    whole = {"description": "The file", "content": content}
    part = {"description": "The part that `Range` asked for", "content": content}
    return {200: whole, 206: part} | {status: {} for status in sorted({401, 403, 422, 503, *problems})}


def file_body(media_type: str) -> dict[str, Any]:
    """Describe a body that is a file, for `read_upload`.

    It is declared as any file, which all generators of clients can send, and its schema names what it is.
    """
    schema = {"type": "string", "format": "binary", "contentMediaType": media_type, "minLength": 1}
    return {"required": True, "content": {ANY_FILE: {"schema": schema}}}


def document() -> dict[str, Any]:
    """Return the OpenAPI document of the running application."""
    api: Any = current_app
    described: dict[str, Any] = api.document()
    return described
