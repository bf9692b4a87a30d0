"""Names that people give to things: what cannot be seen is refused, and what looks the same is the same."""

from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from bellhop_polls.web.requests import NewPoll, OptionName
from bellhop_products.tables import Name as ProductName
from bellhop_web.accounts.requests import NewToken
from bellhop_web.schedules.requests import ScheduleName

KINDS: dict[str, Any] = {
    "schedule": ScheduleName,
    "product": ProductName,
    "option": OptionName,
    "token": NewToken.__annotations__["name"],
    "poll": NewPoll.__annotations__["title"],
}
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


def read(kind: str, text: str) -> str:
    return str(TypeAdapter(KINDS[kind]).validate_python(text))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", INVISIBLE, ids=ascii)
def test_a_name_with_what_cannot_be_seen_is_refused_in_words(kind: str, text: str) -> None:
    with pytest.raises(ValidationError) as refused:
        read(kind, text)

    message = refused.value.errors()[0]["msg"]
    assert message in {"must be one line of text without invisible signs", "String should have at least 1 character"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "text",
    ["café", "größer", "日本語", "نامه‌ها", "क्‍ष", "👩‍👩‍👧‍👦", "❤️", "a - b", "5 €", "Ελλάδα", "O'Neill"],
    ids=ascii,
)
def test_a_name_in_any_script_is_taken(kind: str, text: str) -> None:
    assert read(kind, f" {text}\u3000") == normalize("NFC", text)


@pytest.mark.parametrize("kind", KINDS)
@given(text=st.text("aeioucnAE\u0301\u0308\u0327 \u1112\u1161\u11ab\u212b\u2126", min_size=1, max_size=20))
def test_names_that_are_composed_in_two_ways_are_one(kind: str, text: str) -> None:
    try:
        composed = read(kind, normalize("NFC", text))
    except ValidationError:
        return
    assert read(kind, normalize("NFD", text)) == composed


def test_two_options_that_look_the_same_are_refused() -> None:
    with pytest.raises(ValidationError, match="must all be different: numbers 1 and 2 are the same"):
        NewPoll(title="Where?", options=["cafe\u0301", "caf\u00e9"])


def test_a_name_that_becomes_longer_by_being_composed_is_measured_as_it_is_stored() -> None:
    with pytest.raises(ValidationError, match="at most 200 characters"):
        read("schedule", "\u0958" * 150)


@pytest.mark.parametrize("text", ["é\u200dé" * 60 + "\0", "é" * 199 + "\0", "é\u200d" * 100, " " * 199 + "\0"])
def test_a_long_name_is_refused_without_trying_every_way_to_read_it(text: str) -> None:
    with pytest.raises(ValidationError):
        read("schedule", text)
