"""Requests: JSON read strictly, sizes and fields limited, each with an id that runs through all it causes."""

import json
import time
from collections.abc import Sequence
from functools import cache
from random import getrandbits
from typing import Any, NoReturn

import flask
import structlog
from flask import g
from flask.sessions import SessionInterface
from pydantic import BaseModel, ConfigDict, model_validator
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.utils import cached_property

from bellhop.errors import MOST_FAULTS, Fault, Invalid, Refused, few_unknown
from bellhop_ledger.platform.jsontext import unstorable
from bellhop_ledger.platform.log import REQUEST_ID
from bellhop_web.http.limits import SMALL, TooLarge, WrongType, by_path
from bellhop_web.http.unknown import check_key, check_query
from bellhop_web.http.uploads import MOST, Upload

EXACT = 2**53
"""Below it a double holds every whole number."""
REQUEST_ID_KEY = "bellhop.request_id"


class NotJson(Refused):
    """The body cannot be read as JSON."""

    status = 400


class NoSessions(SessionInterface):
    """Nobody is remembered between two requests, so no cookie is looked for."""

    def open_session(self, app: flask.Flask, request: flask.Request) -> None:
        """Open none."""


class ApiRequest(flask.Request):
    """A request of which no more is read than its path allows."""

    uploads: Sequence[Upload] = ()
    """The files that came with it. What is not kept of them is deleted with its end."""

    @property
    def max_content_length(self) -> int:
        """Bytes that are read: one more than a body may have, so that one cut off there is seen to be too large."""
        return by_path.get(self.path, SMALL) + 1

    @max_content_length.setter
    def max_content_length(self, value: int | None) -> None:
        """Leave it: the path decides."""

    def too_large(self, field: str, besides: str = "") -> TooLarge:
        """Return the error. What was not read of the body is dropped when the answer is out (server.worker)."""
        most = min(self.max_content_length - 1, MOST)
        return TooLarge(faults=[Fault(field, f"must have at most {most:,} bytes{besides}")])

    def whole_body(self) -> bytes:
        """Return the body. Raises TooLarge."""
        try:
            data = self.get_data()
        except RequestEntityTooLarge:
            data = None
        if data is None or len(data) == self.max_content_length:
            raise self.too_large("body")
        return data

    def close(self) -> None:
        """Delete what was sent and is not kept, whatever became of the request."""
        super().close()
        for upload in self.uploads:
            upload.discard()

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        """Return the body, a JSON object that can be stored.

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


class Closed(BaseModel):
    """A part of a request's body: unknown fields are refused, and "5" is not taken for 5."""

    model_config = ConfigDict(extra="forbid", strict=True)

    @model_validator(mode="before")
    @classmethod
    def look_at_few(cls, given: Any) -> Any:
        """Look at no more unknown fields than are named."""
        return few_unknown(_names(cls), given) if isinstance(given, dict) and len(given) > MOST_FAULTS else given


@cache
def _names(model: type[BaseModel]) -> frozenset[str]:
    aliases = (field.alias for field in model.model_fields.values() if field.alias)
    return frozenset((*model.model_fields, *aliases))


class Parameters(BaseModel):
    """What a request says outside of its body."""

    @classmethod
    @cache
    def model_json_schema(  # type: ignore[override]
        cls, *args: Any, **kwargs: Any
    ) -> dict[str, Any]:
        """Work the schema out once: the OpenAPI library asks for it with every request."""
        return super().model_json_schema(*args, **kwargs)


class Query(Parameters):
    """A query string in which unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


def parse(data: bytes) -> Any:
    """Read JSON, each name of an object once (RFC 7493, 2.3). Raises NotJson, which says where it stops being JSON."""
    try:
        return json.loads(data, parse_float=number, parse_constant=_refuse_constant, object_pairs_hook=_object)
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


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object. Of a name that stands there twice, readers of JSON differ in which value counts."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in found if names.count(name) > 1)
        raise NotJson(faults=[Fault("body", f"has the name {twice[:40]!r} twice in one object")])
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise NotJson(faults=[Fault("body", f"is not JSON: {name} is no number there")])


def begin() -> None:
    """Note when the request came, and have its id in every line that is logged about it."""
    g.began = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request_id())


def refuse_compressed() -> None:
    """Take no compressed bodies: a small one may become very large."""
    if flask.request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise WrongType(faults=[Fault("Content-Encoding", "must be identity: nothing is unpacked here")])


def refuse_unknown() -> None:
    """Refuse what a route would not look at: fields of its query, and a key."""
    request = flask.request
    if request.args and request.endpoint is not None and _is_checked(request):
        check_query(request.endpoint)
    if "Idempotency-Key" in request.headers:
        check_key()


def _is_checked(request: flask.Request) -> bool:
    """Whether the query of this request is checked: of the API it is, of pages for people it is not."""
    return request.path.startswith("/api/") and request.blueprint not in {"docs", "docs_pages"}


def request_id() -> str:
    """Return the id that the proxy gave the request, or one of our own."""
    environ = flask.request.environ
    if REQUEST_ID_KEY not in environ:
        given = flask.request.headers.get("X-Request-Id", "")
        environ[REQUEST_ID_KEY] = given if REQUEST_ID.fullmatch(given) else f"{getrandbits(128):032x}"
    return str(environ[REQUEST_ID_KEY])
