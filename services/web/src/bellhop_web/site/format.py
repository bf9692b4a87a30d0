"""Wording: how times, lengths and amounts read on a page."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import flask
from markupsafe import Markup

from bellhop_ledger.platform import clock
from bellhop_ledger.platform.money import words_of
from bellhop_ledger.platform.zones import find_zone
from bellhop_web.site import zones
from bellhop_web.site.agents import agent_name
from bellhop_web.site.zones import zone

UNITS = (("y", 31_536_000), ("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
SIZES = ("bytes", "kB", "MB", "GB", "TB")
NOTHING = "–"
SHAPES = {
    "full": "%d %b %Y, %H:%M:%S",
    "minutes": "%d %b %Y, %H:%M",
    "second": "%H:%M:%S",
    "minute": "%H:%M",
    "day-minute": "%d %b, %H:%M",
    "date": "%d %b %Y",
}
"""How much of a moment is written; static/times.js has the same."""
STAMP = re.compile(r"\{(\d{4}-\d\d-\d\dT[\d:.]+\+00:00)\|(" + "|".join(SHAPES) + r")\}")


def when(moment: datetime | None, shape: str = "full") -> Markup | str:
    """Write a moment in the page's zone, which is named; the browser shows it in its own."""
    if moment is None:
        return NOTHING
    iso = moment.astimezone(UTC).isoformat()
    shaped = Markup(' data-shape="{}"').format(shape) if shape != "full" else ""
    return Markup('<time datetime="{}"{}>{} {}</time>').format(iso, shaped, _written(moment, shape), zone())


def ago(moment: datetime | None) -> Markup | str:
    """Write how long ago, or in how long, a moment is; the browser keeps it up to date."""
    if moment is None:
        return NOTHING
    distance = (clock.now() - moment).total_seconds()
    words = f"{_roughly(distance)} ago" if distance >= 0 else f"in {_roughly(-distance)}"
    return Markup('<time class="ago" datetime="{}" title="{} {}">{}</time>').format(
        moment.astimezone(UTC).isoformat(), _written(moment, "full"), zone(), words
    )


def _roughly(seconds: float) -> str:
    """Write a length of time; from ten minutes on nobody wants to see its seconds pass."""
    return length(seconds if seconds < 600 else seconds - seconds % 60)


def stamp(moment: datetime, shape: str) -> str:
    """Return a moment as it stands in the words of a chart or a hint, for `fill` and for the browser to write out."""
    return f"{{{moment.astimezone(UTC).isoformat()}|{shape}}}"


def fill(words: str, *, into: str | None = None) -> str:
    """Write out the moments in the words of a chart or a hint, in the page's zone or in another one."""
    return STAMP.sub(lambda found: _written(datetime.fromisoformat(found[1]), found[2], into), words)


def has_stamps(words: str) -> bool:
    """Whether there are moments in these words that the browser is to write out."""
    return STAMP.search(words) is not None


def _written(moment: datetime, shape: str, into: str | None = None) -> str:
    return f"{moment.astimezone(find_zone(into or zone())):{SHAPES[shape]}}"


def length(seconds: float | timedelta | None) -> str:
    """Write a length of time in the two largest units that matter."""
    if seconds is None:
        return NOTHING
    if isinstance(seconds, timedelta):
        seconds = seconds.total_seconds()
    if 0 < seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 10:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    left, words = round(seconds), []
    for unit, size in UNITS:
        if left >= size:
            words.append(f"{left // size} {unit}")
            left %= size
    return " ".join(words[:2])


def amount(number: float | None) -> str:
    """Write a number with its thousands apart."""
    if number is None:
        return NOTHING
    return f"{number:,.0f}" if float(number).is_integer() else f"{number:,.2f}"


def size(count: int | None) -> str:
    """Write a number of bytes."""
    if count is None:
        return NOTHING
    scaled, step = float(count), 0
    while scaled >= 1000 and step < len(SIZES) - 1:
        scaled, step = scaled / 1000, step + 1
    return f"{scaled:.0f} {SIZES[step]}" if step == 0 or scaled >= 100 else f"{scaled:.1f} {SIZES[step]}"


def plural(number: int, one: str, many: str | None = None) -> str:
    """Write a number with its noun."""
    return f"{amount(number)} {one if number == 1 else many or one + 's'}"


def shortened(words: str, longest: int) -> str:
    """Cut words that are longer than so many characters, and end them with an ellipsis."""
    return words if len(words) <= longest else f"{words[: longest - 1]}…"


def pretty(value: Any) -> str:
    """Write JSON for people."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def offer(app: flask.Flask) -> None:
    """Offer the templates these filters."""
    filters: dict[str, Any] = {"when": when, "ago": ago, "length_of": length, "amount": amount, "size": size}
    app.jinja_env.filters.update(filters, plural=plural, pretty=pretty, stamp=stamp, fill=fill, agent=agent_name)
    app.jinja_env.globals.update(money=words_of, plural=plural, now=clock.now)
    app.jinja_env.globals.update(zone=zone, zone_is_fixed=zones.is_fixed, zone_of_page=zones.of_page)
