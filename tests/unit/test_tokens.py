"""The design tokens: what is read stands out from what is below it, and no other style sheet names a colour."""

import re
from pathlib import Path

import pytest

import bellhop_web.site

STATIC = Path(str(bellhop_web.site.__file__)).parent / "static"
PAIR = re.compile(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);")
TOKENS = {name: (light, dark) for name, light, dark in PAIR.findall((STATIC / "tokens.css").read_text())}
STATES = ("good", "warning", "bad", "wait", "accent")
READ = [
    *((text, below) for text in ("ink", "soft", "accent", "brass") for below in ("paper", "card", "sunk")),
    *((state, below) for state in STATES for below in ("paper", "card", f"{state}-soft")),
    ("ink", "accent-soft"),
    ("on-accent", "accent"),
    *(("ink", f"{state}-soft") for state in STATES),
]
"""What is written, and on what."""
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(")


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours (WCAG 2.2)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("text", "below"), READ)
def test_what_is_read_stands_out(text: str, below: str, scheme: int) -> None:
    assert contrast(TOKENS[text][scheme], TOKENS[below][scheme]) >= 4.5


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("below", ["paper", "card"])
def test_the_edge_of_a_field_is_seen(below: str, scheme: int) -> None:
    assert contrast(TOKENS["edge"][scheme], TOKENS[below][scheme]) >= 3


def test_only_the_tokens_name_colours() -> None:
    sheets = {path.name: path.read_text() for path in STATIC.glob("*.css") if path.name != "tokens.css"}

    found = {name: COLOUR.findall(re.sub(r"/\*.*?\*/", "", text, flags=re.S)) for name, text in sheets.items()}

    assert {name: colours for name, colours in found.items() if colours} == {}
