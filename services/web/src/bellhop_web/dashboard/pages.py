"""The dashboard: what is going on, moving by itself."""

from typing import Any

from flask import Response, render_template

from bellhop_ledger.platform.database import transaction
from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import current_caller
from bellhop_web.dashboard import views
from bellhop_web.failures import pages as failures
from bellhop_web.holds.views import all_holds
from bellhop_web.live import topic
from bellhop_web.live.topics import Fragments
from bellhop_web.queues.views import all_queues
from bellhop_web.site.page import pages_blueprint, render
from bellhop_web.timeline.bar import of_page
from bellhop_web.workers.listing import all_workers

bp = pages_blueprint("dashboard", access=Access.VIEWER)
PARTS = ("figures", "queues", "services")


@bp.get("")
def index() -> Response:
    """Show what is going on."""
    withheld = not current_caller().sees_payloads
    why = failures.top(withheld=withheld)
    return render("dashboard/index.html", timeline=of_page(), why=why, withheld=withheld, **_read())


@topic("dashboard", access=Access.VIEWER, every=2)
def live(_: None) -> Fragments:
    """Show it again."""
    read = _read()
    return {part: render_template(f"dashboard/_{part}.html", **read) for part in PARTS}


def _read() -> dict[str, Any]:
    with transaction() as db:
        counts, holds = views.read(db), all_holds(db)
        return {"counts": counts, "queues": all_queues(db, holds), "services": all_workers(db), "holds": holds}
