"""The home page."""

from flask import Response

from bellhop_web.auth.access import Access
from bellhop_web.site.page import pages_blueprint, render

bp = pages_blueprint("home", "", access=Access.PUBLIC)


@bp.get("/")
def index() -> Response:
    """Show what this is, with links to what it does."""
    return render("home/index.html")
