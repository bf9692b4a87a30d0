"""Problems: every error leaves as application/problem+json (RFC 9457) that names the field at fault."""

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from http import HTTPStatus
from typing import Any

import flask
from flask import Response, jsonify
from gunicorn.http.errors import ParseException
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from bellhop.errors import MOST_FAULTS, Fault, Refused
from bellhop.text import words_of
from bellhop_ledger.platform.log import get_logger
from bellhop_web.http.enough import MANY
from bellhop_web.http.nowhere import described
from bellhop_web.http.request import request_id

log = get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
RENAMED = {413: "Content Too Large", 414: "URI Too Long", 416: "Range Not Satisfiable", 422: "Unprocessable Content"}
"""The phrases that RFC 9110 changed: before Python 3.13 its library has the ones of RFC 2616."""
LONGEST_FIELD = 200
QUERY_CANCELED = "57014"
"""Postgres' code for a statement that took longer than its time-out."""


class FieldError(BaseModel):
    """What is wrong with one field."""

    field: str = Field(
        description="Where it stands: the parts of its path, joined by dots; or the name of a parameter or header",
        examples=["jobs.3.args.a"],
    )
    message: str = Field(examples=["must be an integer"])


class Problem(BaseModel):
    """An error (RFC 9457). Some have further members, such as the job's `state` in a conflict.

    A 403 says what is needed and what you have: in `required_role` and `role`, or in `required_scope` and `scope`.
    """

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="Always `about:blank`: the status says what kind of problem it is")
    title: str = Field(description="The status in words")
    status: int = Field(description="The HTTP status")
    detail: str = Field(description="What is wrong, for people")
    errors: list[FieldError] = Field(description=f"The fields at fault, at most {MOST_FAULTS} of them")
    request_id: str = Field(description="Stands in our log too, and in the header `X-Request-Id`")


def title_of(status: int) -> str:
    """Return HTTP's own phrase for a status, which is the title of a problem that has no type (RFC 9457, 4.2.1)."""
    return RENAMED.get(status) or HTTPStatus(status).phrase


def problem(
    status: int,
    detail: str,
    faults: tuple[Fault, ...] = (),
    headers: dict[str, str] | None = None,
    facts: dict[str, Any] | None = None,
) -> Response:
    """Make the answer of an error."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": title_of(status),
        "status": status,
        "detail": detail,
        "errors": [{"field": fault.field[:LONGEST_FIELD], "message": fault.message} for fault in faults[:MOST_FAULTS]],
        "request_id": request_id(),
    }
    response = jsonify((facts or {}) | body)
    response.status_code = status
    response.mimetype = MEDIA_TYPE
    response.headers.update(headers or {})
    return response


def faults_of(error: ValidationError, *prefix: str) -> tuple[Fault, ...]:
    """Turn pydantic's errors into faults; `prefix` is where the validated thing stands in the body."""
    if error.error_count() > MANY:
        return (Fault(".".join(prefix) or "body", f"has {error.error_count():,} faults, too many to name them"),)
    return tuple(
        Fault(
            ".".join(str(part) for part in (*prefix, *found["loc"])) or "body",
            words_of(found),
        )
        for found in error.errors(include_url=False, include_input=False, include_context=False)
    )


def not_valid(error: ValidationError) -> Response:
    """Answer a request whose parts do not fit their models."""
    faults = faults_of(error)
    return problem(422, summarize(faults), faults)


def summarize(faults: tuple[Fault, ...]) -> str:
    """Return one line about the first fault, and how many more there are."""
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return f"{faults[0].field[:LONGEST_FIELD]}: {faults[0].message}{more}"


def handle_errors(app: flask.Flask, presented: Callable[[Response], Response]) -> None:
    """Turn every exception into a problem, here and nowhere else, and `presented` that to who asked for a page."""

    @app.errorhandler(Refused)
    def refused(error: Refused) -> Response:
        detail = summarize(error.faults) if error.faults else str(error)
        headers = {"Retry-After": str(error.retry_after)} if error.retry_after else None
        return presented(problem(error.status, detail, error.faults, headers, error.facts))

    @app.errorhandler(ParseException)
    def not_http(error: ParseException) -> Response:
        """Return the refusal of a body that ends in the middle of what should be HTTP."""
        return presented(problem(400, f"body: {error}", (Fault("body", str(error)),)))

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        if error.response is not None:
            return error.get_response()  # type: ignore[return-value]
        kept = {name: value for name, value in error.get_headers() if name in {"Allow", "Content-Range", "Retry-After"}}
        return presented(problem(error.code or 500, described(error), headers=kept))

    @app.errorhandler(OperationalError)
    @app.errorhandler(InterfaceError)
    @app.errorhandler(PoolTimeout)
    def database_away(error: Exception) -> Response:
        log.warning("database_away", error=repr(error)[:300])
        too_slow = getattr(getattr(error, "orig", None), "pgcode", None) == QUERY_CANCELED
        detail = "The query took too long; ask for less" if too_slow else "The database cannot be reached"
        return presented(problem(503, detail, headers={"Retry-After": "2"}))

    @app.errorhandler(Exception)
    def ours(error: Exception) -> Response:
        log.exception("request_failed")
        return presented(problem(500, "Something went wrong on our side; it has been logged under the request's id"))


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Return what an error adds that names something unknown: the names that are like it, if there are any."""
    near = " or ".join(repr(one) for one in get_close_matches(name, names, n=3))
    return f"; is {near} meant?" if near else ""
