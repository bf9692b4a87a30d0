"""Zones: in which one all times of a page are written. People choose it, and their browser remembers."""

from flask import g, has_app_context, has_request_context, request

from bellhop_ledger.platform.zones import zone_names
from bellhop_web.http import cookies

COOKIE = "bellhop_zone"
CHOSEN = "bellhop.zone"
"""Where a request keeps what its reader chose."""
BROWSER, USUAL = "browser", "UTC"
"""The choice of the zone that the browser is in; and what is written where the page cannot know that zone."""


def chosen() -> str:
    """Return what the reader chose: `browser`, the name of a zone, or nothing."""
    if not has_request_context():
        return ""
    if CHOSEN not in request.environ:  # a page asks for each time that it writes
        name = cookies.read(COOKIE)
        request.environ[CHOSEN] = name if name == BROWSER or name in zone_names() else ""
    return str(request.environ[CHOSEN])


def use_zone(name: str) -> None:
    """Show all times of the present page in this zone, such as that of its schedule, unless the reader chose one."""
    if name in zone_names():
        g.zone_of_page = name


def zone() -> str:
    """Return the zone of all times on the present page: the reader's choice, else the page's own, else UTC.

    The browser converts a page whose zone is not fixed to the zone that it is in.
    """
    return _fixed() or USUAL


def is_fixed() -> bool:
    """Whether the present page has a zone that the browser is to keep."""
    return bool(_fixed())


def of_page() -> str:
    """Return the zone that the present page has of its own, such as that of its schedule."""
    return str(g.get("zone_of_page", "")) if has_app_context() else ""


def _fixed() -> str:
    choice = chosen()
    return of_page() if not choice else "" if choice == BROWSER else choice
