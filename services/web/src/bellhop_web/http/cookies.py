"""Cookies: all of ours are out of reach of scripts and other sites; over TLS no other host can plant them either."""

from datetime import timedelta
from typing import TypeVar

from flask import current_app, request
from werkzeug.wrappers import Response

R = TypeVar("R", bound=Response)
HOST_ONLY = "__Host-"
"""With this before its name a browser takes a cookie from this very host over TLS alone (RFC 6265bis, 4.1.3.2)."""


def name_of(cookie: str) -> str:
    """Return the name under which a cookie travels."""
    return f"{HOST_ONLY}{cookie}" if _secure() else cookie


def read(cookie: str) -> str:
    """Return what the browser sent, or nothing."""
    return request.cookies.get(name_of(cookie), "")


def put(response: R, cookie: str, value: str, life: timedelta | None = None) -> R:
    """Set a cookie in the browser; without a life it goes with the browser."""
    response.set_cookie(name_of(cookie), value, max_age=life, httponly=True, samesite="Lax", secure=_secure())
    return response


def drop(response: R, cookie: str) -> R:
    """Take a cookie away."""
    response.delete_cookie(name_of(cookie), httponly=True, samesite="Lax", secure=_secure())
    return response


def _secure() -> bool:
    return bool(current_app.config["SESSION_COOKIE_SECURE"])
