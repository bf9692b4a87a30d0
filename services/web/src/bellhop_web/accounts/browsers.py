"""Known browsers: one in which somebody has signed in before is not held back by what strangers try."""

import secrets
from datetime import timedelta
from hashlib import sha256
from typing import TypeVar

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from bellhop_web.http import cookies

R = TypeVar("R", bound=Response)
COOKIE = "bellhop_browser"
LIFE = timedelta(days=180)


def remember(response: R, email: str) -> R:
    """Remember the browser for this account. It lets nobody in."""
    return cookies.put(response, COOKIE, _signer().dumps([_print_of(email), secrets.token_urlsafe(12)]), LIFE)


def known_browser(email: str) -> str | None:
    """Return the name of the present browser if it is known for this account."""
    try:
        account, name = _signer().loads(cookies.read(COOKIE), max_age=int(LIFE.total_seconds()))
    except BadData:
        return None
    return str(name) if account == _print_of(email) else None


def _print_of(email: str) -> str:
    return sha256(email.encode()).hexdigest()[:16]


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="browser")
