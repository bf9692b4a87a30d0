"""A result as a picture: an SVG that stands alone, so its colours are in it and not in a style sheet."""

from datetime import UTC
from textwrap import wrap
from unicodedata import east_asian_width

from markupsafe import Markup

from bellhop_polls.web.views import OptionView, PollView
from bellhop_web.plugin import format_number, plural

WIDTH, MARGIN, LETTERS, LINE, BAR = 640, 24, 46, 20, 14
"""Of the picture, in its own units; letters that a line of the smaller size has room for."""
INK, SOFT, TRACK, FILL, PAPER = "#1c2430", "#586271", "#efede8", "#1d4f8c", "#ffffff"

TEXT = Markup('<text x="{}" y="{}" fill="{}" font-size="{}" font-weight="{}" text-anchor="{}">{}</text>')
BOX = Markup('<rect x="{}" y="{}" width="{}" height="{}" rx="{}" fill="{}"/>')
PICTURE = Markup(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" width="{}" height="{}" role="img" '
    'font-family="system-ui, sans-serif"><title>{}</title><desc>{}</desc>{}</svg>\n'
)


def draw(poll: PollView) -> str:
    """Draw the question, a bar for each option with its votes, and how the poll stands."""
    parts, y = _lines(poll.title, MARGIN + 8, size=20, weight=700)
    y += 12
    for option in poll.options:
        drawn, y = _option(option, y)
        parts += drawn
    parts.append(_text(MARGIN, y + 12, footer(poll), colour=SOFT))
    height = y + 12 + MARGIN
    said = "; ".join(f"{option.name}: {plural(option.votes, 'vote')}" for option in poll.options)
    drawing = BOX.format(0, 0, WIDTH, height, 0, PAPER) + Markup("").join(parts)
    return str(PICTURE.format(WIDTH, height, WIDTH, height, poll.title, said, drawing))


def footer(poll: PollView) -> str:
    """Return in one line how the poll stands."""
    moment = (poll.closed_at or poll.closes_at).astimezone(UTC)
    words = "closed" if poll.closed_at else "open until"
    return f"{plural(poll.votes, 'vote')} · {words} {moment:%d %b %Y, %H:%M} UTC"


def _option(option: OptionView, y: int) -> tuple[list[Markup], int]:
    count = f"{format_number(option.votes)} ({option.share * 100:.0f} %)"
    drawn = [_text(WIDTH - MARGIN, y + LINE, count, anchor="end")]
    names, y = _lines(option.name, y + LINE, size=15, weight=400)
    wide = WIDTH - 2 * MARGIN
    drawn += [*names, BOX.format(MARGIN, y, wide, BAR, 4, TRACK)]
    drawn.append(BOX.format(MARGIN, y, round(wide * option.share, 1), BAR, 4, FILL))
    return drawn, y + BAR + 12


def _lines(words: str, y: int, *, size: int, weight: int) -> tuple[list[Markup], int]:
    """Write words on as many lines as they need, and give where the next thing may begin."""
    wide = any(east_asian_width(letter) in "FW" for letter in words)
    lines = wrap(words, LETTERS * 15 // size // (2 if wide else 1))
    drawn = [_text(MARGIN, y + place * (size + 5), line, size=size, weight=weight) for place, line in enumerate(lines)]
    return drawn, y + (len(lines) - 1) * (size + 5) + 8


def _text(
    x: int, y: int, words: str, *, colour: str = INK, size: int = 15, weight: int = 400, anchor: str = "start"
) -> Markup:
    return TEXT.format(x, y, colour, size, weight, anchor, words)
