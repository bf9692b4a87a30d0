"""The page /api/docs: a quick start, and every operation with a button that sends it."""

from contextlib import suppress

from flask import Response, g
from sqlalchemy.exc import SQLAlchemyError

from bellhop_ledger.platform.settings import Settings
from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import caller
from bellhop_web.site import pages_blueprint, render

bp = pages_blueprint("docs", "/api/docs", access=Access.PUBLIC)


@bp.get("")
def index() -> Response:
    """Show how the API is used, also while nobody can be looked up. Scripts read the OpenAPI document."""
    with suppress(SQLAlchemyError):
        caller()
    g.setdefault("caller", None)
    return render("api_docs/index.html", url=Settings.load().public_url)
