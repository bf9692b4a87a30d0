"""CORS: scripts of other sites may use the API only where CORS_ORIGINS names their origin, and only with a token."""

from collections.abc import Callable

from flask import Response, request

METHODS = "GET, POST, PUT, PATCH, DELETE"
SENT = "Authorization, Content-Type, Idempotency-Key, X-Request-Id, Range, If-Range"
READ = "Location, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id, Content-Disposition, Content-Range, ETag"
REMEMBERED = "600"
"""Seconds for which a browser need not ask again."""


def answer_preflight() -> Response | None:
    """Answer a browser that asks whether a script may ask."""
    return Response(status=204) if is_preflight() else None


def allow_for(origins: frozenset[str]) -> Callable[[Response], Response]:
    """Return the hook that lets these origins in. Cookies are not for them: nothing says Allow-Credentials."""

    def allow(response: Response) -> Response:
        if request.path.startswith("/api/"):
            response.vary.add("Origin")
            if request.headers.get("Origin") in origins:
                response.headers.update(permission())
        return response

    return allow


def is_preflight() -> bool:
    """Whether a browser asks if a script may ask."""
    asks = request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers
    return asks and request.path.startswith("/api/")


def permission() -> dict[str, str]:
    """Return the headers for an origin that is allowed."""
    allowed = {"Access-Control-Allow-Origin": request.headers["Origin"], "Access-Control-Expose-Headers": READ}
    if is_preflight():
        allowed |= {
            "Access-Control-Allow-Methods": METHODS,
            "Access-Control-Allow-Headers": SENT,
            "Access-Control-Max-Age": REMEMBERED,
        }
    return allowed
