"""Spans: what ran when. A waterfall has a line for each, a strip has all of them in one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from bellhop_web.site.charts.frame import WIDTH, Scale, box, figure, line, place, text, ticks, words_in_tag
from bellhop_web.site.format import length, stamp

ROW, THICK, AXIS = 42, 13, 22
SHORTEST = 3
"""Width at which something can still be seen and pointed at."""
STRIP = 54


@dataclass(frozen=True)
class Span:
    """Something that took time: seconds from the chart's beginning. Without an end it is still going on."""

    label: str
    start: float | None
    end: float | None
    kind: str = "series-1"
    words: str = ""
    """What stands at its right, such as '200, 1.2 s'."""


@dataclass(frozen=True)
class Mark:
    """A moment, such as the run of a schedule; `words` are shown when a pointer is over it."""

    at: datetime
    kind: str
    words: str


def waterfall(spans: Sequence[Span], *, title: str, now: float | None = None) -> Markup:
    """Draw spans below each other over one axis of seconds. Those that go on reach until `now`."""
    if not spans:
        return Markup("")
    longest = max([span.end or 0 for span in spans] + [now or 0, 0.001])
    steps = ticks(0, longest, about=5)
    across, height = Scale(0, max(steps[-1], longest), 0, WIDTH), len(spans) * ROW
    parts = [line(across(step), AXIS, across(step), AXIS + height) for step in steps]
    parts += [text(across(step), 12, length(step), _anchor(step, steps)) for step in steps]
    for row, span in enumerate(spans):
        parts += _row(span, AXIS + row * ROW, across, longest)
    said = "; ".join(_describe(span) for span in spans)
    return figure(title, said, AXIS + height, parts)


def _anchor(step: float, steps: Sequence[float]) -> str:
    return "start" if step == steps[0] else "end" if step == steps[-1] else "middle"


def _row(span: Span, y: float, across: Scale, longest: float) -> list[Markup]:
    label = span.label if len(span.label) <= 60 else f"{span.label[:59]}…"
    parts = [text(0, y + 16, label, kind="strong"), text(WIDTH, y + 16, span.words, "end")]
    if span.start is not None:
        start, end = across(span.start), across(longest if span.end is None else span.end)
        parts.append(
            box(
                min(start, WIDTH - SHORTEST),
                y + 22,
                max(end - start, SHORTEST),
                THICK,
                kind=span.kind,
                words=_describe(span),
            )
        )
    return parts


def _describe(span: Span) -> str:
    if span.start is None:
        return f"{span.label}: not begun"
    took = "going on" if span.end is None else f"took {length(span.end - span.start)}"
    return f"{span.label}: began after {length(span.start)}, {took}{', ' + span.words if span.words else ''}"


def strip(marks: Sequence[Mark], start: datetime, end: datetime, *, title: str) -> Markup:
    """Draw moments as marks on one line between two dates."""
    across = Scale(start.timestamp(), end.timestamp(), 6, WIDTH - 6)
    inside = [mark for mark in marks if start <= mark.at <= end]
    seconds = (end - start).total_seconds()
    shape = "second" if seconds < 600 else "minute" if seconds < 86_400 else "day-minute"
    parts = [line(0, 17, WIDTH, 17), text(0, 48, stamp(start, shape)), text(WIDTH, 48, stamp(end, shape), "end")]
    parts += [_mark(mark, across(mark.at.timestamp())) for mark in inside]
    counts = {kind: sum(mark.kind == kind for mark in inside) for kind in sorted({mark.kind for mark in inside})}
    said = ", ".join(f"{number} {kind}" for kind, number in counts.items()) or "nothing"
    return figure(title, f"From {stamp(start, 'full')} to {stamp(end, 'full')}: {said}.", STRIP, parts)


def _mark(mark: Mark, x: float) -> Markup:
    return Markup('<g class="{}"><circle class="dot" cx="{}" cy="17" r="6"><title{}</title></circle></g>').format(
        mark.kind, place(x), words_in_tag(mark.words)
    )
