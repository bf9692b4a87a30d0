"""The dashboard: what is going on, moving by itself."""

from typing import Any

from flask import Response, render_template

from bellhop_ledger.ledger.heartbeats import Service
from bellhop_ledger.platform.database import transaction
from bellhop_web.auth.access import Access
from bellhop_web.auth.callers import current_caller
from bellhop_web.dashboard import views
from bellhop_web.jobs.payloads import may_listen
from bellhop_web.live import topic
from bellhop_web.live.topics import Fragments
from bellhop_web.site.charts import Column, column_chart
from bellhop_web.site.format import stamp
from bellhop_web.site.page import pages_blueprint, render

bp = pages_blueprint("dashboard", access=Access.VIEWER)
ENDS = ("succeeded", "failed", "retried")
"""How a run ends, as the chart piles them up."""
PARTS = ("figures", "throughput", "queues", "services", "failures")


@bp.get("")
def index() -> Response:
    """Show what is going on."""
    return render("dashboard/index.html", parts=PARTS, **_read(withheld=not current_caller().sees_payloads))


@topic("dashboard", access=Access.VIEWER, every=2, may=may_listen)
def live(_: None) -> Fragments:
    """Show it again."""
    return _fragments(withheld=False)


@topic("dashboard_outline", access=Access.VIEWER, every=2)
def live_outline(_: None) -> Fragments:
    """Show it again, without what failed jobs say."""
    return _fragments(withheld=True)


def _fragments(*, withheld: bool) -> Fragments:
    read = _read(withheld=withheld)
    return {part: render_template(f"dashboard/_{part}.html", **read) for part in PARTS}


def _read(*, withheld: bool) -> dict[str, Any]:
    with transaction() as db:
        seen = views.read(db, withheld=withheld)
    columns = [Column(stamp(one.minute, "minute"), {name: getattr(one, name) for name in ENDS}) for one in seen.minutes]
    chart = column_chart(columns, title="Runs ended in each minute of the last hour", height=130)
    return {"seen": seen, "chart": chart, "service": Service, "withheld": withheld}
