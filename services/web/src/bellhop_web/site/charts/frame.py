"""The frame of a chart: the figure around it, its axes, and how numbers become places."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256
from math import ceil, floor, log10

from markupsafe import Markup, escape

from bellhop_web.site.format import fill, has_stamps

WIDTH = 640
"""Of every chart, in its own units; the page scales it."""
Words = Callable[[float], str]


def figure(title: str, description: str, height: float, parts: Iterable[Markup]) -> Markup:
    """Put the parts of a chart into a figure that screen readers read as its title and description."""
    id = f"chart-{sha256(f'{title}|{description}'.encode()).hexdigest()[:8]}"
    head = Markup(
        '<figure class="chart"><svg viewBox="0 0 {} {}" role="img" aria-labelledby="{}-title {}-desc">'
        '<title id="{}-title"{}</title><desc id="{}-desc"{}</desc>'
    ).format(WIDTH, place(height), id, id, id, words_in_tag(title), id, words_in_tag(description))
    return head + Markup("").join(parts) + Markup("</svg></figure>")


def place(number: float) -> str:
    """Write a coordinate as short as it can be without being seen to be rounded."""
    return f"{number:.1f}".removesuffix(".0")


@dataclass(frozen=True)
class Scale:
    """Turns values between two bounds into places between two others."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the place of a value."""
        span = self.high - self.low
        return self.start if not span else self.start + (value - self.low) / span * (self.end - self.start)


def ticks(low: float, high: float, about: int = 4, least: float = 0) -> list[float]:
    """Return round numbers that cover a range in about so many steps, none of them less than `least`."""
    span = high - low
    if span <= 0:
        return [low, low + 1]
    rough = max(span / about, least)
    power: float = 10.0 ** floor(log10(rough))
    step = next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= rough * 0.999)
    return [number * step for number in range(floor(low / step), ceil(high / step - 1e-9) + 1)]


def line(x1: float, y1: float, x2: float, y2: float, kind: str = "axis") -> Markup:
    """Draw a straight line."""
    return Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/>').format(kind, *map(place, (x1, y1, x2, y2)))


def text(x: float, y: float, words: object, anchor: str = "start", kind: str = "") -> Markup:
    """Write words; `anchor` is start, middle or end."""
    return Markup('<text x="{}" y="{}" text-anchor="{}"{}{}</text>').format(
        place(x), place(y), anchor, Markup(' class="{}"').format(kind) if kind else "", words_in_tag(str(words))
    )


def words_in_tag(words: str) -> Markup:
    """Return the end of an opening tag and the words in it, with moments that the browser can write in its zone."""
    kept = Markup(' data-words="{}"').format(words) if has_stamps(words) else ""
    return Markup("{}>{}").format(kept, fill(words))


def box(x: float, y: float, width: float, height: float, *, kind: str, words: str = "") -> Markup:
    """Draw a bar; `words` are shown when a pointer is over it."""
    hint = Markup("<title{}</title>").format(words_in_tag(words)) if words else ""
    round_by = place(min(3, width / 2, height / 2))
    return Markup(
        '<g class="{}"><rect class="bar-mark" x="{}" y="{}" width="{}" height="{}" rx="{}">{}</rect></g>'
    ).format(escape(kind), place(x), place(y), place(width), place(height), round_by, hint)
