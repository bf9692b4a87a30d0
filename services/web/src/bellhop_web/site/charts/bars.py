"""Bars: how much of each, and how much in each stretch of time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from bellhop_web.site.charts.frame import WIDTH, Scale, Words, box, figure, line, text, ticks
from bellhop_web.site.format import amount

ROW, THICK = 44, 14
HEIGHT, TOP, BOTTOM, LEFT, RIGHT = 200, 10, 24, 46, 4


@dataclass(frozen=True)
class Bar:
    """One thing and how much of it; `kind` colours it: a state, or series-1 to series-4."""

    label: str
    value: float
    kind: str = "series-1"


@dataclass(frozen=True)
class Column:
    """One stretch of time and how much of each kind it had; they are piled up in their order."""

    label: str
    values: Mapping[str, float]


def bar_chart(bars: Sequence[Bar], *, title: str, words: Words = amount) -> Markup:
    """Draw lying bars, one below the other, each with its label above it and its value at the end."""
    if not bars:
        return Markup("")
    scale = Scale(0, max(*(bar.value for bar in bars), 1e-9), 0, WIDTH)
    parts: list[Markup] = []
    for row, bar in enumerate(bars):
        y = row * ROW
        parts += [text(0, y + 14, bar.label, kind="strong"), text(WIDTH, y + 14, words(bar.value), "end")]
        parts += [box(0, y + 21, WIDTH, THICK, kind="track"), box(0, y + 21, scale(bar.value), THICK, kind=bar.kind)]
    said = "; ".join(f"{bar.label}: {words(bar.value)}" for bar in bars)
    return figure(title, said, len(bars) * ROW, parts)


def column_chart(columns: Sequence[Column], *, title: str, words: Words = amount, height: float = HEIGHT) -> Markup:
    """Draw standing columns over time; the first, middle and last label stand below."""
    if not columns:
        return Markup("")
    steps = ticks(0, max(*(sum(column.values.values()) for column in columns), 1), about=3)
    down, width = Scale(0, steps[-1], height - BOTTOM, TOP), (WIDTH - LEFT - RIGHT) / len(columns)
    parts = [line(LEFT, down(step), WIDTH - RIGHT, down(step)) for step in steps]
    parts += [text(LEFT - 8, down(step) + 4, words(step), "end") for step in steps]
    for number, column in enumerate(columns):
        parts += _pile(column, LEFT + number * width, width, down, words)
    parts += _below(columns, height - 6)
    return figure(title, describe(columns, words), height, parts)


def describe(columns: Sequence[Column], words: Words) -> str:
    """Return in a sentence what the columns show."""
    kinds = sorted({kind for column in columns for kind in column.values})
    sums = {kind: sum(column.values.get(kind, 0) for column in columns) for kind in kinds}
    together = ", ".join(f"{kind} {words(number)}" for kind, number in sums.items())
    return f"From {columns[0].label} to {columns[-1].label}, together: {together or 'nothing'}."


def _pile(column: Column, x: float, width: float, down: Scale, words: Words) -> list[Markup]:
    parts, below = [], 0.0
    gap = min(2.0, width * 0.2)
    for kind, value in column.values.items():
        if value:
            top, bottom = down(below + value), down(below)
            parts.append(
                box(x, top, width - gap, bottom - top, kind=kind, words=f"{column.label}: {words(value)} {kind}")
            )
            below += value
    return parts


def _below(columns: Sequence[Column], y: float) -> list[Markup]:
    middle = columns[len(columns) // 2].label
    ends = [text(LEFT, y, columns[0].label), text(WIDTH - RIGHT, y, columns[-1].label, "end")]
    return ends if len(columns) < 3 else [*ends, text((LEFT + WIDTH - RIGHT) / 2, y, middle, "middle")]
