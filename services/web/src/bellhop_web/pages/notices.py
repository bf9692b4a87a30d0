"""Notices: a sentence for the next page that the browser shows, carried in a signed cookie."""

import flask
from flask import current_app, g, request
from itsdangerous import BadData, URLSafeTimedSerializer

COOKIE = "bellhop_notice"
LONGEST_LIFE = 300
"""Seconds after which nobody waits for it any longer."""
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
        found: list[list[str]] = _signer().loads(request.cookies.get(COOKIE, ""), max_age=LONGEST_LIFE)
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
            secure = bool(app.config["SESSION_COOKIE_SECURE"])
            value = _signer().dumps(new[-MOST:])
            response.set_cookie(COOKIE, value, max_age=LONGEST_LIFE, httponly=True, samesite="Lax", secure=secure)
        elif g.get("notices_shown") and COOKIE in request.cookies:
            response.delete_cookie(COOKIE)
        return response
