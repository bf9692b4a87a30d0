"""The switch of the time zone, below the head of every page."""

from datetime import timedelta

from flask import redirect
from pydantic import BaseModel
from werkzeug.wrappers import Response as AnyResponse

from bellhop_ledger.platform.zones import NotAZone, find_zone
from bellhop_web.auth.access import Access
from bellhop_web.http import cookies
from bellhop_web.site.forms import read_form
from bellhop_web.site.notices import flash
from bellhop_web.site.page import pages_blueprint
from bellhop_web.site.paths import here
from bellhop_web.site.zones import BROWSER, COOKIE

bp = pages_blueprint("zone", "", access=Access.PUBLIC)
LIFE = timedelta(days=365)
OF_PAGE = "page"
"""The choice of each page's own zone, and of the browser's where it has none."""


class Choice(BaseModel):
    """What was chosen, by a button or typed."""

    zone: str = ""
    other: str = ""
    next: str = "/"


@bp.post("/time-zone")
def choose() -> AnyResponse:
    """Remember the zone in the reader's browser, and lead back to the page."""
    choice = read_form(Choice)
    wanted, back = choice.zone or choice.other.strip(), redirect(here(choice.next), 303)
    if wanted in ("", OF_PAGE):
        return cookies.drop(back, COOKIE)
    try:
        if wanted != BROWSER:
            find_zone(wanted)
    except NotAZone as error:
        flash(f"{error}.", "bad")
        return back
    return cookies.put(back, COOKIE, wanted, LIFE)
