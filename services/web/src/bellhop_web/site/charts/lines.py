"""Line charts: a value over time, with the threshold that it is watched for."""

from collections.abc import Sequence
from datetime import datetime

from markupsafe import Markup

from bellhop_web.site.charts.frame import WIDTH, Scale, Words, figure, line, place, text, ticks
from bellhop_web.site.format import amount, stamp

HEIGHT, TOP, BOTTOM, LEFT, RIGHT = 240, 14, 26, 66, 10
Point = tuple[datetime, float]


def line_chart(
    points: Sequence[Point],
    *,
    title: str,
    threshold: float | None = None,
    stepped: bool = False,
    words: Words = amount,
    unit: float = 1,
    least: float = 0,
) -> Markup:
    """Draw values over time. A stepped line says that each holds until the next, as prices do.

    `words` writes a value at the axis, whose steps are not smaller than `least`; where all values are 0 it reaches to
    `unit`. One point alone is a dot; none gives nothing.
    """
    if not points:
        return Markup("")
    values = [value for _, value in points] + ([threshold] if threshold is not None else [])
    steps = ticks(min(0.0, *values), max(values) or unit, least=least)
    first, last = points[0][0].timestamp(), points[-1][0].timestamp()
    across = Scale(first, last, LEFT, WIDTH - RIGHT)
    down = Scale(steps[0], steps[-1], HEIGHT - BOTTOM, TOP)
    places = [(across(moment.timestamp()), down(value)) for moment, value in points]
    parts = [*_grid(steps, down, words), *_dates(points), *_curve(places, down(steps[0]), stepped)]
    if threshold is not None:
        parts += _threshold(down(threshold), words(threshold))
    return figure(title, described(points, threshold, words), HEIGHT, parts)


def described(points: Sequence[Point], threshold: float | None, words: Words) -> str:
    """Return in a sentence what the line shows."""
    values = [value for _, value in points]
    said = (
        f"{len(points)} values from {stamp(points[0][0], 'minutes')} to {stamp(points[-1][0], 'minutes')}: "
        f"the first {words(values[0])}, the last {words(values[-1])}, "
        f"the lowest {words(min(values))}, the highest {words(max(values))}."
    )
    return said if threshold is None else f"{said} The threshold is {words(threshold)}."


def _grid(steps: Sequence[float], down: Scale, words: Words) -> list[Markup]:
    lines = [line(LEFT, down(step), WIDTH - RIGHT, down(step)) for step in steps]
    return lines + [text(LEFT - 8, down(step) + 4, words(step), "end") for step in steps]


def _dates(points: Sequence[Point]) -> list[Markup]:
    first, last = points[0][0], points[-1][0]
    seconds = (last - first).total_seconds()
    shape = "minute" if seconds < 43_200 else "day-minute" if seconds < 7 * 86_400 else "date"
    if first == last:
        return [text((LEFT + WIDTH) / 2, HEIGHT - 6, stamp(first, "minutes"), "middle")]
    ends = [text(LEFT, HEIGHT - 6, stamp(first, shape)), text(WIDTH - RIGHT, HEIGHT - 6, stamp(last, shape), "end")]
    middle = first + (last - first) / 2
    return [*ends, text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, stamp(middle, shape), "middle")]


def _curve(places: Sequence[tuple[float, float]], floor: float, stepped: bool) -> list[Markup]:
    drawn = "M" + " ".join(_moves(places, stepped))
    area = f"{drawn} V{place(floor)} H{place(places[0][0])} Z"
    dots = [*places] if len(places) <= 40 else [places[-1]]
    marks = [Markup('<circle class="dot" cx="{}" cy="{}" r="3"/>').format(place(x), place(y)) for x, y in dots]
    return [Markup('<path class="area" d="{}"/><path class="line" d="{}"/>').format(area, drawn), *marks]


def _moves(places: Sequence[tuple[float, float]], stepped: bool) -> list[str]:
    moves = [f"{place(places[0][0])} {place(places[0][1])}"]
    for x, y in places[1:]:
        moves.append(f"H{place(x)} V{place(y)}" if stepped else f"L{place(x)} {place(y)}")
    return moves


def _threshold(y: float, words: str) -> list[Markup]:
    return [line(LEFT, y, WIDTH - RIGHT, y, "threshold"), text(WIDTH - RIGHT, y - 5, words, "end", "of-threshold")]
