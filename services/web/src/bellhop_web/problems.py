"""Problems: every error leaves as application/problem+json (RFC 9457) that names the field at fault."""

from typing import Any

import flask
from flask import Response, jsonify
from pydantic import BaseModel, Field, ValidationError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from bellhop.errors import Fault, Refused
from bellhop.log import get_logger
from bellhop_web.requests import request_id

log = get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
TITLES = {
    400: "Bad request",
    401: "Not signed in",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    413: "Too large",
    415: "Unsupported media type",
    422: "Not valid",
    500: "Our fault",
    503: "Try again later",
}


class FieldError(BaseModel):
    """What is wrong with one field."""

    field: str = Field(description="Path of the field, its parts joined by dots")
    message: str


class Problem(BaseModel):
    """An error (RFC 9457)."""

    type: str = Field(default="about:blank")
    title: str
    status: int
    detail: str
    errors: list[FieldError] = Field(default_factory=list)
    request_id: str


def problem(
    status: int, detail: str, faults: tuple[Fault, ...] = (), headers: dict[str, str] | None = None
) -> Response:
    """Make the answer of an error."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": TITLES.get(status, "Error"),
        "status": status,
        "detail": detail,
        "errors": [{"field": fault.field, "message": fault.message} for fault in faults],
        "request_id": request_id(),
    }
    response = jsonify(body)
    response.status_code = status
    response.mimetype = MEDIA_TYPE
    response.headers.update(headers or {})
    return response


def faults_of(error: ValidationError, *prefix: str) -> tuple[Fault, ...]:
    """Turn pydantic's errors into faults; `prefix` is where the validated thing stands in the body."""
    return tuple(
        Fault(".".join(str(part) for part in (*prefix, *found["loc"])) or "body", found["msg"])
        for found in error.errors(include_url=False, include_input=False, include_context=False)
    )


def not_valid(error: ValidationError) -> Response:
    """Answer a request whose parts do not fit their models."""
    faults = faults_of(error)
    return problem(422, said(faults), faults)


def said(faults: tuple[Fault, ...]) -> str:
    """Sum the faults up in one line."""
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return f"{faults[0].field}: {faults[0].message}{more}"


def handle_errors(app: flask.Flask) -> None:
    """Turn every exception into a problem, here and nowhere else."""

    @app.errorhandler(Refused)
    def refused(error: Refused) -> Response:
        return problem(error.status, said(error.faults) if error.faults else str(error), error.faults)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        if error.response is not None:
            return error.get_response()  # type: ignore[return-value]
        kept = {name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After"}}
        return problem(error.code or 500, error.description or "", headers=kept)

    @app.errorhandler(OperationalError)
    @app.errorhandler(InterfaceError)
    @app.errorhandler(PoolTimeout)
    def database_away(error: Exception) -> Response:
        log.warning("database_away", error=repr(error)[:300])
        return problem(503, "The database cannot be reached", headers={"Retry-After": "2"})

    @app.errorhandler(Exception)
    def ours(error: Exception) -> Response:
        log.exception("request_failed")
        return problem(500, "Something went wrong on our side; it has been logged under the request's id")
