"""The page /styleguide."""

from typing import Any

from flask import Response, current_app, g
from werkzeug.exceptions import NotFound

from bellhop.errors import Fault, Invalid
from bellhop_ledger.platform import clock
from bellhop_web.auth.access import Access
from bellhop_web.site import pages_blueprint, render
from bellhop_web.styleguide.samples import FIELDS, SIDES, STATES, charts

bp = pages_blueprint("styleguide", access=Access.PUBLIC)
GROUPS = {
    "text": "Text, code and cards",
    "buttons": "Buttons, menus, tabs and chips",
    "badges": "Badges and notices",
    "numbers": "Figures, facts and progress",
    "tables": "Tables and empty states",
    "forms": "Forms",
    "history": "Timelines, attempts and logs",
    "charts": "Charts",
    "frame": "Live mark and dialog",
}


@bp.get("")
def index() -> Response:
    """Show each element in each state, light and dark beside each other. Raises NotFound in production."""
    if current_app.config["PRODUCTION"]:
        raise NotFound
    wrong = [Fault(FIELDS[side]["wrong"], "must be a date with a time, such as 2030-01-31 09:30") for side in SIDES]
    g.refused = Invalid(faults=[*wrong, *(Fault(FIELDS[side]["count"], "must be 1 to 100") for side in SIDES)])
    now = clock.now()
    shown: dict[str, Any] = {"groups": GROUPS, "sides": SIDES, "names": FIELDS, "states": STATES, "charts": charts(now)}
    return render("styleguide/index.html", moment=now, **shown)
