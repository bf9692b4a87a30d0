"""A page: a group of page routes, and what each answer of theirs has in common."""

from typing import Any

import flask
from flask import Blueprint, Response, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from bellhop_web.auth.access import Access, declare

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
names: set[str] = set()
"""The blueprints whose routes answer with pages, errors too."""


def pages_blueprint(
    name: str, path: str | None = None, *, access: Access = Access.OPERATOR, **others: tuple[str, ...]
) -> Blueprint:
    """Make a group of pages at `path` (`/<name>`) for these people; `public`, `users` and so on name
    functions that are for others.

    The blueprint, and so the beginning of its endpoints, is `<name>_pages`.
    """
    made = Blueprint(f"{name}_pages", __name__, url_prefix=f"/{name}" if path is None else path or None)
    declare(made.name, access, **others)
    names.add(made.name)
    return made


def render(template: str, status: int = 200, **context: Any) -> Response:
    """Answer with a page."""
    response = make_response(render_template(template, **context), status)
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return response


def see_other(endpoint: str, **values: Any) -> AnyResponse:
    """Lead the browser to another page, after a form was sent."""
    return redirect(url_for(endpoint, **values), 303)


def for_people() -> bool:
    """Whether the present request wants a page: an unknown address does when a browser asks for it."""
    if flask.request.endpoint is not None:
        return flask.request.blueprint in names
    asked = flask.request.accept_mimetypes
    return not flask.request.path.startswith("/api/") and "text/html" in asked.values()
