"""The API's description: for programs as OpenAPI, for people as a page that loads nothing from elsewhere."""

from typing import Any

from flask import Blueprint, Response, jsonify, redirect, render_template, url_for
from markupsafe import Markup, escape
from werkzeug.wrappers import Response as AnyResponse

from bellhop_web import openapi

bp = Blueprint("docs", __name__)

METHODS = ("get", "post", "put", "patch", "delete")


@bp.get("/")
def index() -> AnyResponse:
    """Lead a visitor to the description of the API."""
    return redirect(url_for("docs.page"))


@bp.get("/api/openapi.json")
def document() -> Response:
    """Give the OpenAPI document."""
    return jsonify(openapi.document())


@bp.get("/api/docs")
def page() -> str:
    """Show the OpenAPI document to people."""
    described = openapi.document()
    return render_template(
        "docs.html",
        info=described["info"],
        operations=_operations(described),
        schemas=_schemas(described),
        kind=kind,
    )


def kind(schema: dict[str, Any]) -> Markup:
    """Name the type that a schema describes, as a link where it has a name of its own."""
    if reference := schema.get("$ref"):
        name = reference.rsplit("/", 1)[-1]
        return Markup('<a href="#schema-{0}">{0}</a>').format(name)
    if options := schema.get("anyOf"):
        return Markup(" or ").join(kind(option) for option in options)
    if schema.get("type") == "array":
        return Markup("list of ") + kind(schema.get("items", {}))
    described = schema.get("format") or schema.get("type") or "anything"
    limits = [f"{sign} {schema[key]:g}" for key, sign in (("minimum", "≥"), ("maximum", "≤")) if key in schema]
    return escape(" ".join([described, *limits]))


def _operations(described: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"method": method.upper(), "path": path, **item[method]}
        for path, item in described["paths"].items()
        for method in METHODS
        if method in item
    ]


def _schemas(described: dict[str, Any]) -> dict[str, Any]:
    schemas: dict[str, Any] = described["components"]["schemas"]
    return dict(sorted(schemas.items()))
