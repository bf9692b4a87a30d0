"""Traces: each request is a step of the trace that its caller has begun, or begins one."""

from contextlib import ExitStack
from http import HTTPMethod

import structlog
from flask import Response, g, request

from bellhop_ledger.platform import tracing
from bellhop_ledger.platform.tracing import ROOT, Kind
from bellhop_web.http.answers import QUIET


def begin() -> None:
    """Begin the request's step, but not for endpoints that are asked all day long."""
    if request.endpoint in QUIET:
        return
    known = request.method in set(HTTPMethod)
    route = {"http.route": str(request.url_rule)} if request.url_rule else {}
    name = " ".join([request.method if known else "HTTP", *route.values()])
    # The path and the query may hold what is a secret; the route does not.
    facts = {"http.request.method": request.method if known else "_OTHER", **route}
    parent = tracing.context_of({name.lower(): value for name, value in request.headers.items()})
    g.steps = ExitStack()
    g.step = g.steps.enter_context(tracing.span(name, Kind.SERVER, facts, parent=parent or ROOT))
    structlog.contextvars.bind_contextvars(**g.step.ids)


def answered(response: Response) -> Response:
    """Note how it was answered."""
    if "step" in g:
        g.step.note({"http.response.status_code": response.status_code})
        if response.status_code >= 500:
            g.step.fail(str(response.status_code))
    return response


def end(error: BaseException | None) -> None:
    """End the step."""
    if steps := g.pop("steps", None):
        steps.close()
