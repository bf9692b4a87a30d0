"""Plots: SVG that fills its box whatever shape that has, so words and numbers stand beside it as text of the page.

Across go the bars of the window, WIDE units each; down go HIGH units from the top.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from markupsafe import Markup, escape

from bellhop_web.site.charts.frame import place, ticks, words_in_tag

WIDE, HIGH = 10.0, 100.0
GAP, NARROWEST = 1.5, 1.5
NOTHING = Markup("")
LEAST, LEAST_BAD = 1.0, 4.0
"""Heights at which something can still be seen: one failure among ten thousand is one that matters."""


@dataclass(frozen=True)
class Pile:
    """One bar: how much of each kind, piled up in their order, and what it says and leads to."""

    values: Sequence[tuple[str, float]]
    words: str
    href: str | None = None


@dataclass(frozen=True)
class Plot:
    """A drawing, and the two words at its axis: what stands at the top and what at the foot."""

    svg: Markup
    top: str
    foot: str


def piles(
    found: Sequence[Pile], *, id: str, title: str, words: Callable[[float], str], behind: Markup = NOTHING
) -> Plot:
    """Draw bars over time, above `behind`. One that leads somewhere is a link; the table below has the same links."""
    most = ticks(0, max(*(sum(value for _, value in pile.values) for pile in found), 1), about=2)[-1]
    parts = [_pile(pile, number * WIDE, most, f"{id}-{number}") for number, pile in enumerate(found)]
    return Plot(_svg(id, title, len(found), [behind, *_lines(len(found), (0, HIGH / 2)), *parts]), words(most), "0")


def curves(
    found: Sequence[tuple[str, Sequence[float | None]]],
    *,
    id: str,
    title: str,
    words: Callable[[float], str],
    behind: Markup = NOTHING,
) -> Plot:
    """Draw values over time on a logarithmic axis, each as wide as its bar; nothing where there is none."""
    values = [value for _, line in found for value in line if value]
    if not values:
        return Plot(NOTHING, "", "")
    low, high = floor(log10(min(values))), ceil(log10(max(values)))
    high = max(high, low + 1)
    decades = [HIGH * (high - decade) / (high - low) for decade in range(low + 1, high + 1)]
    width = max(len(line) for _, line in found)
    paths = [
        Markup('<g class="{}"><path class="line" d="{}"/></g>').format(kind, _steps(line, low, high))
        for kind, line in found
    ]
    return Plot(_svg(id, title, width, [behind, *_lines(width, decades), *paths]), words(10.0**high), words(10.0**low))


def band(start: float, end: float, kind: str) -> Markup:
    """Draw a stretch of time from one bar to another, in bars and parts of them, behind all else."""
    return Markup('<rect class="{}" x="{}" y="0" width="{}" height="{}"/>').format(
        kind, place(start * WIDE), place(max((end - start) * WIDE, NARROWEST)), place(HIGH)
    )


def _svg(id: str, title: str, bars: int, parts: Iterable[Markup]) -> Markup:
    """Put it together. What holds links is a group: in a picture nothing can be reached."""
    return Markup(
        '<svg class="plot" viewBox="0 0 {} {}" preserveAspectRatio="none" role="group" aria-labelledby="{}-title">'
        '<title id="{}-title">{}</title>{}</svg>'
    ).format(place(bars * WIDE), place(HIGH), id, id, title, Markup("").join(parts))


def _lines(bars: int, heights: Iterable[float]) -> list[Markup]:
    drawn = Markup('<line class="axis" x1="0" y1="{}" x2="{}" y2="{}"/>')
    return [drawn.format(place(height), place(bars * WIDE), place(height)) for height in heights]


def _pile(pile: Pile, x: float, most: float, id: str) -> Markup:
    parts, foot = [], HIGH
    for kind, value in pile.values:
        if value:
            high = max(value / most * HIGH, LEAST_BAD if kind == "failed" else LEAST)
            foot = max(foot - high, 0)
            parts.append(_rect(kind, x + GAP / 2, foot, WIDE - GAP, min(high, HIGH)))
    title = Markup('<title id="{}"{}</title>').format(id, words_in_tag(pile.words))
    whole = Markup('<rect class="whole" x="{}" y="0" width="{}" height="{}"/>').format(
        place(x), place(WIDE), place(HIGH)
    )
    inner = Markup("").join([title, *parts, whole])
    if not pile.href:
        return Markup("<g>{}</g>").format(inner)
    return Markup('<a href="{}" aria-labelledby="{}">{}</a>').format(escape(pile.href), id, inner)


def _rect(kind: str, x: float, y: float, width: float, height: float) -> Markup:
    return Markup('<g class="{}"><rect class="bar-mark" x="{}" y="{}" width="{}" height="{}"/></g>').format(
        kind, place(x), place(y), place(width), place(height)
    )


def _steps(line: Sequence[float | None], low: int, high: int) -> str:
    moves, before = [], False
    for number, value in enumerate(line):
        if value:
            y = place(HIGH * (high - log10(value)) / (high - low))
            moves.append(f"{f'V{y}' if before else f'M{place(number * WIDE)} {y}'} H{place((number + 1) * WIDE)}")
        before = bool(value)
    return " ".join(moves)
