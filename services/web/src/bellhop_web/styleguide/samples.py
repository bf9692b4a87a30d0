"""What the style guide shows: made up, the same on both sides but for names, which a page may have once."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from markupsafe import Markup

from bellhop_web.site.charts import Bar, Column, Mark, Span, bar_chart, column_chart, line_chart, strip, waterfall
from bellhop_web.site.format import stamp

SIDES = ("light", "dark")
STATES = ("blocked", "scheduled", "queued", "retrying", "running", "succeeded", "failed", "cancelled", "expired")
KINDS = ("plain", "wrong", "area", "choice", "check", "count")
FIELDS: Mapping[str, Mapping[str, str]] = MappingProxyType({
    "light": dict(zip(KINDS, ("name", "closes_at", "urls", "state", "quiet", "priority"), strict=True)),
    "dark": dict(zip(KINDS, ("title", "starts_at", "note", "task", "revisable", "ceiling"), strict=True)),
})  # fmt: skip
"""The names of the fields on each side."""


def charts(now: datetime) -> dict[str, list[Markup]]:
    """Return each chart, for both sides."""
    return {side: _charts(now, f", {side}") for side in SIDES}


def _charts(now: datetime, side: str) -> list[Markup]:
    minutes = [now - timedelta(minutes=back) for back in range(30, 0, -1)]
    columns = [
        Column(stamp(at, "minute"), {"succeeded": 40 + 9 * (at.minute % 5), "failed": at.minute % 4, "retried": 2})
        for at in minutes
    ]
    prices = [(now - timedelta(days=back), 29.99 - (back % 7)) for back in range(20, 0, -1)]
    spans = [Span("https://example.org/", 0, 1.2, "good", "200, 1.2 s"), Span("https://example.com/", 0.3, None)]
    marks = [Mark(at, "failed" if at.minute % 7 == 0 else "succeeded", stamp(at, "full")) for at in minutes[::3]]
    return [
        column_chart(columns, title=f"Runs ended in each minute{side}"),
        line_chart(prices, title=f"The price over time{side}", threshold=24.0, stepped=True),
        bar_chart([Bar("Tea", 12), Bar("Coffee", 30, "series-2")], title=f"Votes{side}"),
        waterfall(spans, title=f"Fetches{side}", now=2.0),
        strip(marks, minutes[0], minutes[-1], title=f"Latest runs{side}"),
    ]
