"""Titles and options of polls: read as names everywhere are, and told apart."""

from typing import Any

import pytest
from pydantic import ValidationError

from bellhop_polls.web.requests import NewPoll, OptionName
from tests.names import INVISIBLE, SCRIPTS, assert_read, assert_refused

KINDS: dict[str, Any] = {"option": OptionName, "title": NewPoll.__annotations__["title"]}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", INVISIBLE, ids=ascii)
def test_a_name_with_what_cannot_be_seen_is_refused_in_words(kind: str, text: str) -> None:
    assert_refused(KINDS[kind], text)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", SCRIPTS, ids=ascii)
def test_a_name_in_any_script_is_taken(kind: str, text: str) -> None:
    assert_read(KINDS[kind], text)


def test_two_options_that_look_the_same_are_refused() -> None:
    with pytest.raises(ValidationError, match="must all be different: numbers 1 and 2 are the same"):
        NewPoll(title="Where?", options=["cafe\u0301", "caf\u00e9"])
