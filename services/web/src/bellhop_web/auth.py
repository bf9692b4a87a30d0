"""Who asks: every /api route wants an operator's bearer token, but for the public ones named here."""

import time

import flask
from flask import g, request
from sqlalchemy import select

from bellhop.database import transaction
from bellhop.errors import Fault, Refused
from bellhop.tokens import Token, hash_of

PUBLIC = frozenset({"docs.index", "docs.document", "docs.page", "health.live", "health.ready", "static"})
"""Endpoints for everybody."""
REMEMBERED = 5.0
"""Seconds for which a token that was found valid is not looked up again, and so the longest it outlives its end."""
MOST_REMEMBERED = 10_000


class NotSignedIn(Refused):
    """This needs an operator's token."""

    status = 401

    def __init__(self, message: str):
        super().__init__(faults=[Fault("Authorization", message)])


_known: dict[str, tuple[str, float]] = {}


def guard(app: flask.Flask) -> None:
    """Ask for a token before every route that is not public."""

    @app.before_request
    def check() -> None:
        if request.endpoint is not None and request.endpoint not in PUBLIC:
            g.submitter = _operator(request.headers.get("Authorization", ""))

    @app.after_request
    def challenge(response: flask.Response) -> flask.Response:
        if response.status_code == 401:
            response.headers["WWW-Authenticate"] = 'Bearer realm="bellhop"'
        return response


def _operator(authorization: str) -> str:
    scheme, _, secret = authorization.partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise NotSignedIn("must be 'Bearer' and an operator's token")
    hashed = hash_of(secret.strip())
    name, until = _known.get(hashed, ("", 0.0))
    if time.monotonic() < until:
        return name
    return _look_up(hashed)


def _look_up(hashed: str) -> str:
    with transaction() as db:
        token = db.scalar(select(Token).where(Token.hash == hashed, Token.revoked_at.is_(None)))
    if token is None:
        raise NotSignedIn("has a token that is not known, or no longer valid")
    if len(_known) >= MOST_REMEMBERED:
        _known.clear()
    _known[hashed] = (f"token:{token.id}", time.monotonic() + REMEMBERED)
    return _known[hashed][0]
