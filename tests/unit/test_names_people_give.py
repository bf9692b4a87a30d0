"""Names that people give to things: what cannot be seen is refused, and what looks the same is the same."""

from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bellhop_web.accounts.requests import NewToken
from bellhop_web.schedules.requests import ScheduleName
from tests.names import INVISIBLE, SCRIPTS, assert_read, assert_refused, read

KINDS: dict[str, Any] = {"schedule": ScheduleName, "token": NewToken.__annotations__["name"]}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", INVISIBLE, ids=ascii)
def test_a_name_with_what_cannot_be_seen_is_refused_in_words(kind: str, text: str) -> None:
    assert_refused(KINDS[kind], text)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", SCRIPTS, ids=ascii)
def test_a_name_in_any_script_is_taken(kind: str, text: str) -> None:
    assert_read(KINDS[kind], text)


@pytest.mark.parametrize("kind", KINDS)
@given(text=st.text("aeioucnAE\u0301\u0308\u0327 \u1112\u1161\u11ab\u212b\u2126", min_size=1, max_size=20))
def test_names_that_are_composed_in_two_ways_are_one(kind: str, text: str) -> None:
    try:
        composed = read(KINDS[kind], normalize("NFC", text))
    except ValidationError:
        return
    assert read(KINDS[kind], normalize("NFD", text)) == composed


def test_a_name_that_becomes_longer_by_being_composed_is_measured_as_it_is_stored() -> None:
    with pytest.raises(ValidationError, match="at most 200 characters"):
        read(ScheduleName, "\u0958" * 150)


@pytest.mark.parametrize("text", ["é\u200dé" * 60 + "\0", "é" * 199 + "\0", "é\u200d" * 100, " " * 199 + "\0"])
def test_a_long_name_is_refused_without_trying_every_way_to_read_it(text: str) -> None:
    with pytest.raises(ValidationError):
        read(ScheduleName, text)
