"""Names that people give to things, as tests of the platform and of plug-ins check them."""

from typing import Any
from unicodedata import normalize

import pytest
from pydantic import TypeAdapter, ValidationError

from bellhop.text import words_of

INVISIBLE = [
    *("", " ", "\u200b", "\ufeff", "\u00a0", "\u3000", "\u3164", "\u2800", "\u200d", "\u115f\u1160", "\U000e0041"),
    *("\u202eabc", "\ufeffbom", "abc\u202c", "a\u200bb", "pay\u00adroll", "a\u2060b", "a\u200db", "nightly\u200c"),
    *("\u200eabc", "\u061cabc", "a\u2066b\u2069", "abc\u3164", "a\uffa0b", "ab\u034fc", "ab\u180e", "ab\U000e0061"),
    *(
        "two\nlines",
        "tab\there",
        "nul\x00",
        "bell\x07",
        "a\u2028b",
        "a\u2029b",
        "a\x85b",
        "a\uffffb",
        "\u200d👩",
        "👩\u200d",
    ),
]
SCRIPTS = ["café", "größer", "日本語", "نامه‌ها", "क्‍ष", "👩‍👩‍👧‍👦", "❤️", "a - b", "5 €", "Ελλάδα", "O'Neill"]
REFUSALS = {"must be one line of text without invisible signs", "must have at least 1 character"}


def read(kind: Any, text: str) -> str:
    """Read a name as a field of this kind does. Raises ValidationError."""
    return str(TypeAdapter(kind).validate_python(text))


def assert_refused(kind: Any, text: str) -> None:
    """Check that a name is refused in words."""
    with pytest.raises(ValidationError) as refused:
        read(kind, text)

    assert words_of(refused.value.errors()[0]) in REFUSALS


def assert_read(kind: Any, text: str) -> None:
    """Check that a name is taken, without blanks around it and in one form."""
    assert read(kind, f" {text}\u3000") == normalize("NFC", text)
