"""Notices: a sentence for the next page that the browser shows, carried in a signed cookie."""

from datetime import timedelta

import flask
from flask import current_app, g
from itsdangerous import BadData, URLSafeTimedSerializer

from bellhop_web.http import cookies

COOKIE = "bellhop_notice"
LONGEST_LIFE = timedelta(minutes=5)
"""After that nobody waits for it any longer."""
MOST, LONGEST = 5, 500


def flash(message: str, kind: str = "good") -> None:
    """Say it on the next page; `kind` is good, warning or bad."""
    g.setdefault("new_notices", []).append([kind, message[:LONGEST]])


def notices() -> list[tuple[str, str]]:
    """Give what is to be said on this page, and forget it."""
    g.notices_shown = True
    return [(kind, message) for kind, message in [*_carried(), *g.pop("new_notices", [])]]


def _carried() -> list[list[str]]:
    try:
        found: list[list[str]] = _signer().loads(cookies.read(COOKIE), max_age=int(LONGEST_LIFE.total_seconds()))
    except BadData:
        return []
    return found


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="notices")


def offer(app: flask.Flask) -> None:
    """Give templates the notices, and browsers the cookie."""
    app.jinja_env.globals["notices"] = notices

    @app.after_request
    def remember(response: flask.Response) -> flask.Response:
        if new := g.get("new_notices"):
            cookies.put(response, COOKIE, _signer().dumps(new[-MOST:]), LONGEST_LIFE)
        elif g.get("notices_shown") and cookies.read(COOKIE):
            cookies.drop(response, COOKIE)
        return response
