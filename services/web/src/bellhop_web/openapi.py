"""The OpenAPI library, kept behind this one module."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import Response, current_app
from flask_openapi import APIBlueprint, OpenAPI
from flask_openapi.models import Info, Tag
from pydantic import BaseModel

from bellhop import __version__
from bellhop_web.problems import MEDIA_TYPE, Problem, not_valid
from bellhop_web.requests import ApiRequest

BEARER = {"operator": {"type": "http", "scheme": "bearer", "description": "An operator's token"}}
SIGNED_IN: list[dict[str, list[str]]] = [{"operator": []}]


class Api(OpenAPI):  # type: ignore[misc]
    """A Flask application that describes itself."""

    request_class = ApiRequest


def make_api(import_name: str) -> Api:
    """Make the application, with problems in place of the library's own errors."""
    return Api(
        import_name,
        info=Info(title="Bellhop", version=__version__, description="Background work for web applications."),
        security_schemes=BEARER,
        validation_error_model=Problem,
        validation_error_callback=not_valid,
        doc_ui=True,
    )


def blueprint(name: str, path: str) -> APIBlueprint:
    """Make a group of routes below /api that want a token."""
    return APIBlueprint(name, name, url_prefix=path, abp_tags=[Tag(name=name)], abp_security=SIGNED_IN)


def answers(success: int, model: type[BaseModel], *problems: int) -> dict[int, Any]:
    """Name what a route answers: one success and the problems that can come instead of it."""
    return {success: model} | {status: _problem(status) for status in sorted({401, 422, 503, *problems})}


def _problem(status: int) -> dict[str, Any]:
    schema = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: schema}}


def respond(model: BaseModel, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with a model as JSON."""
    return Response(model.model_dump_json(), status, headers, mimetype="application/json")


def document() -> dict[str, Any]:
    """Give the OpenAPI document of the running application."""
    api: Any = current_app
    described: dict[str, Any] = api.api_doc
    return described
