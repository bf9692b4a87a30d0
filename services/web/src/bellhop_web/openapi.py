"""The OpenAPI library, kept behind this one module."""

from collections.abc import Mapping
from typing import Any

from flask import Response, current_app
from flask_openapi import APIBlueprint, OpenAPI
from flask_openapi.models import Info, Tag
from pydantic import BaseModel
from werkzeug.routing import BaseConverter

from bellhop import __version__
from bellhop_web.document import finished
from bellhop_web.problems import Problem, not_valid
from bellhop_web.requests import ApiRequest

BEARER = {
    "operator": {
        "type": "http",
        "scheme": "bearer",
        "description": "An operator's token, in the header `Authorization: Bearer <token>`",
    }
}
TAGS = {
    "jobs": "Submit work, watch it, cancel it, try it again",
    "tasks": "What work there is",
    "timer": "The count that goes up by one every second",
    "fetches": "Many slow URLs at once",
    "health": "For load balancers and people on call; open to everybody",
}


class Id(BaseConverter):
    """An id in a path. Whether it is one the route says; `batch` is a path of its own."""

    regex = "(?!batch$)[^/]+"


class Api(OpenAPI):  # type: ignore[misc]
    """A Flask application that describes itself."""

    request_class = ApiRequest
    spec_json: dict[str, Any]

    def generate_spec_json(self) -> None:
        """Work the document out, once."""
        super().generate_spec_json()
        self.spec_json = finished(self.spec_json)


def make_api(import_name: str) -> Api:
    """Make the application, with problems in place of the library's own errors and without its own pages."""
    api = Api(
        import_name,
        info=Info(title="Bellhop", version=__version__),
        security_schemes=BEARER,
        validation_error_model=Problem,
        validation_error_callback=not_valid,
        doc_ui=False,
    )
    api.url_map.converters["id"] = Id
    api.url_map.merge_slashes = False  # a path with two slashes is unknown, not a redirect
    api.json.sort_keys = False  # in the order in which people read
    return api


def blueprint(name: str, path: str, *, tag: str | None = None, public: bool = False) -> APIBlueprint:
    """Make a group of routes, which want a token unless they are public; `tag` is their heading when not the name."""
    heading = Tag(name=tag or name, description=TAGS[tag or name])
    security: list[dict[str, list[str]]] = [] if public else [{"operator": []}]
    return APIBlueprint(
        name,
        __name__,
        url_prefix=path,
        abp_tags=[heading],
        abp_security=security,
        operation_id_callback=lambda name, path, method: name,
    )


def answers(success: int, model: type[BaseModel], *problems: int) -> dict[int, Any]:
    """Name what a route that wants a token answers: one success and the problems that can come instead of it."""
    return {success: model} | {status: {} for status in sorted({401, 422, 503, *problems})}


def respond(model: BaseModel, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with a model as JSON."""
    return Response(model.model_dump_json(), status, headers, mimetype="application/json")


def document() -> dict[str, Any]:
    """Give the OpenAPI document of the running application."""
    api: Any = current_app
    described: dict[str, Any] = api.api_doc
    return described
