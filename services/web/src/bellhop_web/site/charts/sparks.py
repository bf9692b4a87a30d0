"""Sparks: how often something happened in each part of a time, as small as a word."""

from collections.abc import Sequence

from markupsafe import Markup

from bellhop_web.site.charts.frame import place
from bellhop_web.site.format import amount

WIDTH, HEIGHT, LOWEST = 120, 28, 2
"""In the chart's own units; what is not nothing has some height."""


def spark(values: Sequence[int], *, title: str, kind: str = "failed") -> Markup:
    """Draw small bars, one for each value, with a title for who does not see them."""
    most, step = max([*values, 1]), WIDTH / max(len(values), 1)
    bars = Markup("").join(
        _bar(number * step, step, max(HEIGHT * value / most, LOWEST)) for number, value in enumerate(values) if value
    )
    words = f"{title}: at most {amount(most)} in one of {len(values)} parts"
    return Markup('<svg class="spark chart {}" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}</svg>').format(
        kind, WIDTH, HEIGHT, words, _ground(), bars
    )


def _ground() -> Markup:
    return Markup('<rect class="ground" x="0" y="{}" width="{}" height="1"/>').format(HEIGHT - 1, WIDTH)


def _bar(x: float, step: float, height: float) -> Markup:
    return Markup('<rect class="bar-mark" x="{}" y="{}" width="{}" height="{}"/>').format(
        place(x), place(HEIGHT - height), place(step - 1), place(height)
    )
