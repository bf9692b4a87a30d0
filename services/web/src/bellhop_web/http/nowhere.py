"""Nowhere: what a request is told that no route takes, in words for those who write clients."""

import re

from flask import current_app, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

ASIDE = frozenset({"HEAD", "OPTIONS"})
"""Methods that every path takes, and nobody asks for."""


def described(error: HTTPException) -> str:
    """Return what went wrong, in our words where no route takes the path or the method."""
    if isinstance(error, MethodNotAllowed):
        allowed = sorted(set(error.valid_methods or ()) - ASIDE)
        return f"The method must be {' or '.join(allowed) or 'another one'} here"
    if isinstance(error, NotFound) and error.description == NotFound.description:
        return f"There is nothing at this path; {_meant() or 'GET /api/openapi.json lists what there is'}"
    return error.description or ""


def _meant() -> str:
    """Return which path is meant where only a slash is one too many."""
    path = re.sub("/+", "/", request.path).rstrip("/")
    if path == request.path or not current_app.url_map.bind("").test(path, request.method):
        return ""
    return f"is {path} meant, without a further slash?"
