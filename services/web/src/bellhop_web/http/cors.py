"""CORS: scripts of other sites may use the API only where CORS_ORIGINS names their origin, and only with a token."""

import flask
from flask import Response, request

METHODS = "GET, POST, PUT, PATCH, DELETE"
SENT = "Authorization, Content-Type, Idempotency-Key, X-Request-Id, Range, If-Range"
READ = "Location, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id, Content-Disposition, Content-Range, ETag"
REMEMBERED = "600"
"""Seconds for which a browser need not ask again."""


def open_to(app: flask.Flask, origins: frozenset[str]) -> None:
    """Let these origins in. Cookies are not for them: nothing here says Allow-Credentials."""
    if not origins:
        return

    @app.before_request
    def answer_preflight() -> Response | None:
        return Response(status=204) if is_preflight() else None

    @app.after_request
    def allow(response: Response) -> Response:
        if request.path.startswith("/api/"):
            response.vary.add("Origin")
            if request.headers.get("Origin") in origins:
                response.headers.update(permission())
        return response


def is_preflight() -> bool:
    """Whether a browser asks if a script may ask."""
    asks = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
    return asks and request.path.startswith("/api/")


def permission() -> dict[str, str]:
    """Give the headers for an origin that is allowed."""
    allowed = {"Access-Control-Allow-Origin": request.headers["Origin"], "Access-Control-Expose-Headers": READ}
    if is_preflight():
        allowed |= {
            "Access-Control-Allow-Methods": METHODS,
            "Access-Control-Allow-Headers": SENT,
            "Access-Control-Max-Age": REMEMBERED,
        }
    return allowed
