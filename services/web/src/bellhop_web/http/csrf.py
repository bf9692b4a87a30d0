"""CSRF: what a cookie allows must come from a form or script of ours, which carries a token that others do not have."""

import hmac
import secrets
from hashlib import sha256

import flask
from flask import Response, after_this_request, current_app, g, request
from markupsafe import Markup

from bellhop.errors import Fault, Refused
from bellhop_web.http import cookies

FIELD, HEADER = "csrf_token", "X-CSRF-Token"
SESSION_COOKIE, COOKIE = "bellhop_session", "bellhop_form"
"""What a token belongs to: the session, and before there is one a random cookie of its own."""

FORMS = frozenset({"application/x-www-form-urlencoded", "multipart/form-data"})


class NotOurForm(Refused):
    """The form is not from this session, or too old; load the page again."""

    status = 403

    def __init__(self) -> None:
        super().__init__(faults=[Fault(HEADER, f"{self.__doc__}")])


def token(session: str | None = None) -> str:
    """Return the token for a form of this browser, or of a session just begun; no two pages contain the same."""
    salt = secrets.token_hex(8)
    return f"{salt}.{_signed(salt, session or _browser())}"


def field() -> Markup:
    """Return the hidden field that each form has: `{{ csrf_field() }}`."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, token())


def check() -> None:
    """Raise NotOurForm unless the request carries a token that belongs to its own cookie."""
    given = request.headers.get(HEADER) or (request.form.get(FIELD, "") if request.mimetype in FORMS else "")
    salt, _, signature = given.partition(".")
    browser = cookies.read(SESSION_COOKIE) or cookies.read(COOKIE)
    if not browser or not hmac.compare_digest(signature.encode(), _signed(salt, browser).encode()):
        raise NotOurForm


def _browser() -> str:
    known = cookies.read(SESSION_COOKIE) or cookies.read(COOKIE) or g.get("new_browser")
    if not known:
        known = g.new_browser = secrets.token_urlsafe(24)
        after_this_request(remember)
    return str(known)


def remember(response: Response) -> Response:
    """Set the cookie that the forms of a browser without a session belong to."""
    return cookies.put(response, COOKIE, g.new_browser)


def _signed(salt: str, browser: str) -> str:
    key = str(current_app.config["SECRET_KEY"]).encode()
    return hmac.new(key, f"csrf:{salt}:{browser}".encode(), sha256).hexdigest()


def offer(app: flask.Flask) -> None:
    """Offer templates the token."""
    app.jinja_env.globals.update(csrf_field=field, csrf_token=token)
