"""Wording: how times, lengths and amounts read on a page."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import flask
from markupsafe import Markup

from bellhop import clock
from bellhop.money import words_of

UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
SIZES = ("bytes", "kB", "MB", "GB", "TB")
NOTHING = "–"


def when(moment: datetime | None) -> Markup | str:
    """Write a moment; the browser shows it in the reader's own time zone."""
    if moment is None:
        return NOTHING
    utc = moment.astimezone(UTC)
    return Markup('<time datetime="{}">{}</time>').format(utc.isoformat(), f"{utc:%d %b %Y, %H:%M:%S} UTC")


def ago(moment: datetime | None) -> Markup | str:
    """Write how long ago, or in how long, a moment is; the browser keeps it up to date."""
    if moment is None:
        return NOTHING
    distance = (clock.now() - moment).total_seconds()
    words = f"{length(distance)} ago" if distance >= 0 else f"in {length(-distance)}"
    return Markup('<time class="ago" datetime="{}" title="{}">{}</time>').format(
        moment.astimezone(UTC).isoformat(), f"{moment.astimezone(UTC):%d %b %Y, %H:%M:%S} UTC", words
    )


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


def pretty(value: Any) -> str:
    """Write JSON for people."""
    return json.dumps(value, indent=2, ensure_ascii=False)


def offer(app: flask.Flask) -> None:
    """Give the templates these filters."""
    filters: dict[str, Any] = {"when": when, "ago": ago, "length_of": length, "amount": amount, "size": size}
    app.jinja_env.filters.update(filters, plural=plural, pretty=pretty)
    app.jinja_env.globals.update(money=words_of, plural=plural)
