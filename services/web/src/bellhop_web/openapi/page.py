"""The API's description: for programs as OpenAPI, for people as a page that loads nothing from elsewhere."""

from flask import Blueprint, Response, jsonify, render_template

from bellhop_web.auth.access import Access, declare
from bellhop_web.openapi import library, manual

bp = Blueprint("docs", __name__)
declare("docs", Access.PUBLIC)


@bp.get("/api/openapi.json")
def document() -> Response:
    """Return the OpenAPI document."""
    return jsonify(library.document())


@bp.get("/api/docs")
def page() -> str:
    """Show the OpenAPI document to people."""
    read = manual.Manual(library.document())
    return render_template("docs.html", manual=read, kind=manual.kind, prose=manual.prose, line=manual.line)
