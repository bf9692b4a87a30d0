"""Charts: SVG made by the server, with words for those who do not see it, and colours from static/style.css.

Put what they give into a page as it is: it is a `<figure class="chart">`.
"""

from bellhop_web.site.charts.bars import Bar, Column, bar_chart, column_chart
from bellhop_web.site.charts.lines import line_chart
from bellhop_web.site.charts.spans import Mark, Span, strip, waterfall
from bellhop_web.site.charts.sparks import spark

__all__ = ["Bar", "Column", "Mark", "Span", "bar_chart", "column_chart", "line_chart", "spark", "strip", "waterfall"]
