"""What a route would not look at: it is refused, since whoever sends it relies on it."""

from collections.abc import Iterator
from inspect import signature
from urllib.parse import unquote_to_bytes

import flask
from flask import current_app

from bellhop.errors import Fault, Invalid, Refused
from bellhop_web.http.fields import repeatable

NO_KEY = (
    "is not supported here, so nothing was done; leave it out, and before you repeat the request"
    " look whether the first one was carried out"
)


class KeyNotTaken(Refused):
    """This request cannot be repeated by its key."""


def check_query(endpoint: str) -> None:
    """Refuse a field that is given twice and is no list, any field of a route without a query, other bytes, and NUL.

    Postgres stores that nowhere and so finds it nowhere; of other bytes than UTF-8 the escapes would be looked for.
    """
    query = signature(current_app.view_functions[endpoint]).parameters.get("query")
    given, lists = flask.request.args, repeatable(query.annotation) if query else frozenset()
    twice = [name for name, values in given.lists() if len(values) > 1 and name not in lists]
    faults = [Fault(name, "is given more than once") for name in twice]
    with_nul = [name for name, values in given.lists() if "\0" in "".join(values)]
    faults += [Fault(name, "must not contain the NUL character") for name in with_nul]
    faults += [Fault(name, "must be UTF-8") for name in _with_other_bytes(flask.request.query_string)]
    if query is None:
        faults += [Fault(name, "is not known here") for name in given]
    if faults:
        raise Invalid(faults=faults)


def _with_other_bytes(query: bytes) -> Iterator[str]:
    for field in query.replace(b"+", b" ").split(b"&"):
        try:
            unquote_to_bytes(field).decode()
        except UnicodeDecodeError:
            yield unquote_to_bytes(field.partition(b"=")[0]).decode(errors="replace")


def check_key() -> None:
    """Refuse an `Idempotency-Key` where a route would not look at it: who sends one relies on it.

    PUT and DELETE may be repeated without one (RFC 9110, 9.2.2).
    """
    request, rule = flask.request, flask.request.url_rule
    if rule is None or request.method not in {"POST", "PATCH"}:
        return
    if "header" not in signature(current_app.view_functions[rule.endpoint]).parameters:
        raise KeyNotTaken(faults=[Fault("Idempotency-Key", NO_KEY)])
