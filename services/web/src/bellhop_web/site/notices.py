"""Notices: a sentence for the next page that the browser shows, carried in a signed cookie."""

from datetime import timedelta

import flask
from flask import Response, after_this_request, current_app, g
from itsdangerous import BadData, URLSafeTimedSerializer

from bellhop_web.http import cookies

COOKIE = "bellhop_notice"
LONGEST_LIFE = timedelta(minutes=5)
"""After that nobody waits for it any longer."""
MOST, LONGEST = 5, 500


def flash(message: str, kind: str = "good") -> None:
    """Show a message on the next page; `kind` is good, warning or bad."""
    _new().append([kind, message[:LONGEST]])


def notices() -> list[tuple[str, str]]:
    """Return what is to be said on this page, and forget it."""
    shown = [*_carried(), *_new()]
    _new().clear()
    return [(kind, message) for kind, message in shown]


def _new() -> list[list[str]]:
    """Return the notices that nobody has seen; from the first look on, the answer takes care of the cookie."""
    if "new_notices" not in g:
        g.new_notices = []
        after_this_request(remember)
    found: list[list[str]] = g.new_notices
    return found


def remember(response: Response) -> Response:
    """Set the cookie with what was not shown, and delete it once there is nothing left."""
    if g.new_notices:
        return cookies.put(response, COOKIE, _signer().dumps(g.new_notices[-MOST:]), LONGEST_LIFE)
    return cookies.drop(response, COOKIE) if cookies.read(COOKIE) else response


def _carried() -> list[list[str]]:
    try:
        found: list[list[str]] = _signer().loads(cookies.read(COOKIE), max_age=int(LONGEST_LIFE.total_seconds()))
    except BadData:
        return []
    return found


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="notices")


def offer(app: flask.Flask) -> None:
    """Offer templates the notices."""
    app.jinja_env.globals["notices"] = notices
