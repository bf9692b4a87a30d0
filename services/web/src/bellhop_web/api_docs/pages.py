"""The page /api/docs: a quick start, and every operation with a button that sends it."""

from flask import Response

from bellhop_ledger.platform.settings import Settings
from bellhop_web.auth.access import Access
from bellhop_web.site import pages_blueprint, render

bp = pages_blueprint("docs", "/api/docs", access=Access.PUBLIC)


@bp.get("")
def index() -> Response:
    """Show how the API is used. What is in it, scripts take from the OpenAPI document."""
    return render("api_docs/index.html", url=Settings.load().public_url)
