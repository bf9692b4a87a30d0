"""Live views: all that they consist of, put together, and the route at which browsers listen."""

import os
from collections.abc import Iterator
from random import randint
from socket import socket, socketpair
from threading import Lock

import flask
from flask import Blueprint, Response, current_app, request

from bellhop.errors import Fault, Invalid, Refused
from bellhop_web.auth import callers
from bellhop_web.auth.access import Access, declare
from bellhop_web.http.addresses import client_address
from bellhop_web.live.access import AccessGuard, admit
from bellhop_web.live.changes import ChangeListener
from bellhop_web.live.hub import Hub
from bellhop_web.live.renderer import Renderer
from bellhop_web.live.stream import Stream
from bellhop_web.live.topics import MOST_TOPICS, find

bp = Blueprint("live", __name__)
declare("live", Access.PUBLIC)
HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class Full(Refused):
    """Too many pages listen already; this one shows what was true when it was loaded."""

    status = 503


class TooMany(Refused):
    """You have too many pages open already; this one shows what was true when it was loaded."""

    status = 429
    retry_after = 60


class LiveViews:
    """The live views of one process."""

    def __init__(self, app: flask.Flask, most: int, most_each: int):
        self._most_each = most_each
        self.renderer = Renderer(app)
        self.hub = Hub(most, self.renderer.join, self.renderer.leave, self.renderer.is_fresh)
        self.renderer.publish, self.renderer.publish_gone = self.hub.publish, self.hub.publish_gone
        self._starting = Lock()
        self._changes = ChangeListener(self.renderer.mark_changed)
        self._guard = AccessGuard(lambda: self.hub.streams, self.hub.drop)

    def admit(self, viewer: str, topics: frozenset[str]) -> None:
        """Raise Full, or TooMany when one viewer has as many streams as one may have, or different topics."""
        if self.hub.full:
            raise Full
        others = [stream.topics for stream in self.hub.streams if stream.viewer == viewer]
        if len(others) >= self._most_each or len(topics.union(*others)) > self._most_each:
            raise TooMany

    def take(self, connection: socket, stream: Stream) -> None:
        """Take a stream over, and start the threads with the first one."""
        with self._starting:  # two pages may be the first at the same moment
            self._changes.start()
            self._guard.start()
        self.hub.adopt(connection, stream)


@bp.get("/live")
def listen() -> Response:
    """Send the fragments of the topics asked for, as they change."""
    written = frozenset(request.args.getlist("topic"))
    if not 1 <= len(request.args.getlist("topic")) <= MOST_TOPICS:
        raise Invalid(faults=[Fault("topic", f"must be given once to {MOST_TOPICS} times")])
    caller = callers.caller()
    access = admit([find(one) for one in written], caller)
    views: LiveViews = current_app.extensions["live"]
    if "gunicorn.socket" not in request.environ:
        raise Full
    viewer = caller.person if caller else client_address()
    views.admit(viewer, written)
    stream = Stream(viewer, caller, access, written, request.environ["SERVER_PROTOCOL"] == "HTTP/1.1")
    return Response(
        begin(views, stream, request.environ["gunicorn.socket"]), mimetype="text/event-stream", headers=HEADERS
    )


def begin(views: LiveViews, stream: Stream, connection: socket) -> Iterator[bytes]:
    """Write the beginning of a stream and take its connection over.

    Browsers that lose it come back after a second or two, not all at the same moment.
    """
    yield f"retry: {randint(1_000, 3_000)}\n\n".encode()
    views.take(take_over(connection), stream)


def take_over(connection: socket) -> socket:
    """Return a connection as our own, and leave the server one in its place that is closed at the other end.

    So the server ends the request as it does when a client has hung up, and its thread is free.
    """
    ours = socket(fileno=os.dup(connection.fileno()))
    closed, other = socketpair()
    other.close()
    os.dup2(closed.fileno(), connection.fileno())
    closed.close()
    return ours
