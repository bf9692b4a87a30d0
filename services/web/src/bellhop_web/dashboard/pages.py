"""The dashboard: what is going on, moving by itself."""

from typing import Any

from flask import Response, render_template

from bellhop_ledger.ledger.heartbeats import Service
from bellhop_ledger.platform.database import transaction
from bellhop_web.auth.access import Access
from bellhop_web.dashboard import views
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
    return render("dashboard/index.html", parts=PARTS, **_read())


@topic("dashboard", access=Access.VIEWER, every=2)
def live(_: None) -> Fragments:
    """Show it again."""
    read = _read()
    return {part: render_template(f"dashboard/_{part}.html", **read) for part in PARTS}


def _read() -> dict[str, Any]:
    with transaction() as db:
        seen = views.read(db)
    columns = [Column(stamp(one.minute, "minute"), {name: getattr(one, name) for name in ENDS}) for one in seen.minutes]
    chart = column_chart(columns, title="Runs ended in each minute of the last hour", height=130)
    return {"seen": seen, "chart": chart, "service": Service}
