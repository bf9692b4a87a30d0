"""Requests: JSON read strictly, sizes limited, each with an id that runs through all it causes."""

import json
import re
from typing import Any, NoReturn
from uuid import uuid4

import flask
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from bellhop.errors import Fault, Invalid
from bellhop.jsontext import unstorable

SMALL, LARGE = 1_000_000, 16_000_000
"""Bytes that a body may have, and that of a batch."""
LARGE_PATHS = frozenset({"/api/jobs/batch"})
REQUEST_ID_KEY = "bellhop.request_id"
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")


class ApiRequest(flask.Request):
    """A request to us."""

    @property
    def max_content_length(self) -> int:
        """Bytes that the body may have."""
        return LARGE if self.path in LARGE_PATHS else SMALL

    @max_content_length.setter
    def max_content_length(self, value: int | None) -> None:
        """Leave it: the path decides."""

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        """Read the body as a JSON object that can be stored.

        Raises UnsupportedMediaType, BadRequest when it is not JSON, and Invalid, which names
        the field, when it holds something that Postgres cannot store.
        """
        if not self.is_json:
            raise UnsupportedMediaType("The body must be JSON; say so with Content-Type: application/json")
        try:
            body = json.loads(self.get_data(), parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise BadRequest(f"The body is not valid JSON: {str(error)[:200]}") from None
        if not isinstance(body, dict):
            raise Invalid(faults=[Fault("body", "must be a JSON object")])
        try:
            faults = list(unstorable(body))
        except RecursionError:
            raise BadRequest("The body is nested too deeply") from None
        if faults:
            raise Invalid(faults=faults)
        return body


def request_id() -> str:
    """Give the id that the proxy gave the request, or one of our own."""
    environ = flask.request.environ
    if REQUEST_ID_KEY not in environ:
        given = flask.request.headers.get("X-Request-Id", "")
        environ[REQUEST_ID_KEY] = given if REQUEST_ID.fullmatch(given) else uuid4().hex
    return str(environ[REQUEST_ID_KEY])


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")
