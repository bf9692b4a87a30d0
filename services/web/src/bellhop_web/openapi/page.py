"""The API's description for programs, as OpenAPI."""

from flask import Blueprint, Response, jsonify

from bellhop_web.auth.access import Access, declare
from bellhop_web.openapi import library

bp = Blueprint("docs", __name__)
declare("docs", Access.PUBLIC)


@bp.get("/api/openapi.json")
def document() -> Response:
    """Return the OpenAPI document."""
    return jsonify(library.document())
