"""Requests: JSON read strictly, sizes limited, each with an id that runs through all it causes."""

import json
from inspect import signature
from random import getrandbits
from typing import Any, NoReturn

import flask
from werkzeug.utils import cached_property

from bellhop.errors import Fault, Invalid, Refused
from bellhop_ledger.platform.jsontext import unstorable
from bellhop_ledger.platform.log import REQUEST_ID
from bellhop_web.http.limits import LimitedRequest, WrongType

EXACT = 2**53
"""Below it a double holds every whole number."""
NO_KEY = (
    "is not supported here, so nothing was done; leave it out, and before you repeat the request"
    " look whether the first one was carried out"
)
REQUEST_ID_KEY = "bellhop.request_id"


class NotJson(Refused):
    """The body cannot be read as JSON."""

    status = 400


class KeyNotTaken(Refused):
    """This request cannot be repeated by its key."""


class ApiRequest(LimitedRequest):
    """A request to us."""

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        """Give the body, a JSON object that can be stored.

        Raises WrongType, TooLarge, NotJson, and Invalid, which names the field.
        """
        return self.document

    @cached_property
    def document(self) -> dict[str, Any]:
        """The body, read once. Up to Python 3.11 functools' property would hold a lock of the class meanwhile."""
        if not self.is_json:
            raise WrongType(faults=[Fault("Content-Type", "must be application/json")])
        body = parse(self.whole_body())
        if not isinstance(body, dict):
            raise Invalid(faults=[Fault("body", "must be a JSON object")])
        if faults := list(unstorable(body)):
            raise Invalid(faults=faults)
        return body


def parse(data: bytes) -> Any:
    """Read JSON. Raises NotJson, which says where it stops being JSON."""
    try:
        return json.loads(data, parse_float=number, parse_constant=_refuse_constant)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        reason = f"is not JSON: {error}"
    except RecursionError:
        reason = "is nested too deeply"
    except ValueError:
        reason = "has a number with too many digits"
    raise NotJson(faults=[Fault("body", reason)])


def number(text: str) -> int | float:
    """Read 5.0 as 5: in JSON, and in the JSON Schema of an integer, they are the same."""
    value = float(text)
    return int(value) if value.is_integer() and abs(value) < EXACT else value


def _refuse_constant(name: str) -> NoReturn:
    raise NotJson(faults=[Fault("body", f"is not JSON: {name} is no number there")])


def check_query(app: flask.Flask) -> None:
    """Refuse what a route would not look at: a field given twice, and any field of a route without a query.

    And NUL, which Postgres stores nowhere and so finds nowhere.
    """

    @app.before_request
    def check() -> None:
        given, endpoint = flask.request.args, flask.request.endpoint
        if not given or endpoint is None or not checked(flask.request):
            return
        faults = [Fault(name, "is given more than once") for name, values in given.lists() if len(values) > 1]
        faults += [Fault(name, "must not contain the NUL character") for name in given if "\0" in given[name]]
        if "query" not in signature(app.view_functions[endpoint]).parameters:
            faults += [Fault(name, "is not known here") for name in given]
        if faults:
            raise Invalid(faults=faults)


def check_key(app: flask.Flask) -> None:
    """Refuse an `Idempotency-Key` where a route would not look at it: who sends one relies on it.

    PUT and DELETE may be repeated without one (RFC 9110, 9.2.2).
    """

    @app.before_request
    def check() -> None:
        request, rule = flask.request, flask.request.url_rule
        if rule is None or request.method not in {"POST", "PATCH"} or "Idempotency-Key" not in request.headers:
            return
        if "header" not in signature(app.view_functions[rule.endpoint]).parameters:
            raise KeyNotTaken(faults=[Fault("Idempotency-Key", NO_KEY)])


def checked(request: flask.Request) -> bool:
    """Whether the query of this request is checked: of the API it is, of pages for people it is not."""
    return request.path.startswith("/api/") and request.blueprint != "docs"


def request_id() -> str:
    """Give the id that the proxy gave the request, or one of our own."""
    environ = flask.request.environ
    if REQUEST_ID_KEY not in environ:
        given = flask.request.headers.get("X-Request-Id", "")
        environ[REQUEST_ID_KEY] = given if REQUEST_ID.fullmatch(given) else f"{getrandbits(128):032x}"
    return str(environ[REQUEST_ID_KEY])
