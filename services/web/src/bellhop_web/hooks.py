"""The hooks: what runs before and after the route of every request, in this order, each with the reason for its place.

What only some answers need is not here. Whoever needs it asks for it, with `flask.after_this_request`: so notices,
what is handed on and the cookie of forms cost the answers of the API nothing. An error becomes a problem, and for
people a page, where it is handled (`http.problems`).
"""

from collections.abc import Callable, Iterator
from typing import Any

import flask

from bellhop_ledger.platform import tracing
from bellhop_web.auth import callers
from bellhop_web.http import answers, cors, request, traces
from bellhop_web.ratelimits import guard
from bellhop_web.settings import WebSettings

Hook = Callable[..., Any]


def before(app: flask.Flask, settings: WebSettings) -> Iterator[Hook]:
    """Yield what runs before the route; the first that answers or raises is the last."""
    yield request.begin  # first: all that is logged carries the request's id
    if tracing.is_on():
        yield traces.begin  # the span holds all that follows
    if settings.origins:
        yield cors.answer_preflight  # a preflight carries no token, so nobody asks who it is
    yield request.refuse_compressed  # costs nothing, and stands before whatever reads the body
    yield app.extensions["rate_limits"].charge  # before the door: who tries one wrong token after another pays for each
    yield callers.check_access
    yield request.refuse_unknown  # after the door: strangers learn nothing of a route


def after(settings: WebSettings) -> Iterator[Hook]:
    """Yield what runs after the route, and after an error was turned into an answer."""
    yield callers.challenge
    yield guard.add_standings
    if settings.origins:
        yield cors.allow_for(settings.origins)
    yield answers.add_headers_for(settings.public_url)  # after all that sets a header itself, which counts more
    if tracing.is_on():
        yield traces.answered
    yield answers.finish  # last: it counts and logs what goes out


def add_hooks(app: flask.Flask, settings: WebSettings) -> None:
    """Add them to the application."""
    for hook in before(app, settings):
        app.before_request(hook)
    for hook in reversed(list(after(settings))):  # Flask begins with the one that was added last
        app.after_request(hook)
    if tracing.is_on():
        app.teardown_request(traces.end)
