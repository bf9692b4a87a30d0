"""Scalars: what a value of an argument may mean besides the text that it is."""

from math import isfinite
from typing import Any

from bellhop_web.http.fields import NUMBER

WORDS = {"true": True, "false": False, "null": None}


def is_scalar(text: str) -> bool:
    """Whether a text may also be read as a number, true, false or null."""
    return text in WORDS or NUMBER.fullmatch(text) is not None


def meanings(text: str, *, quoted: bool) -> list[Any]:
    """Return what a value of an argument may be in JSON: the text, and what it says where it is not quoted."""
    if quoted or not is_scalar(text):
        return [text]
    if text in WORDS:
        return [text, WORDS[text]]
    number = int(text) if text.removeprefix("-").isdecimal() else float(text)
    return [text, number] if isfinite(number) else [text]
