"""What JSON can carry and Postgres cannot store."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bellhop.errors import Fault
from bellhop_ledger.platform.jsontext import DEEPEST, cleaned, unstorable


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("value", "field", "message"),
    [
        ({"a": ["x", "b\0"]}, "a.1", "NUL"),
        ({"a": {"b\0": 1}}, r"a.'b\x00'", "NUL"),
        ({"\ud800": 1}, r"'\ud800'", "surrogate"),
        (["\udfff"], "0", "surrogate"),
        ("\0", "", "NUL"),
        ({"a": float("nan")}, "a", "finite"),
        ({"a": float("-inf")}, "a", "finite"),
        ({"a": (1, 2**1023)}, "a.1", "digits"),
        ({"a": -(10**400)}, "a", "digits"),
    ],
)
def test_what_cannot_be_stored_is_found_where_it_stands(value: Any, field: str, message: str) -> None:
    [fault] = unstorable(value)

    assert fault.field == field
    assert message in fault.message


def test_all_faults_are_found() -> None:
    assert [fault.field for fault in unstorable({"a": "\0", "b": ["\0", {"c": "\ud800"}]})] == ["a", "b.0", "b.1.c"]


@pytest.mark.parametrize(
    "value", [True, None, 0, -1.5, 2**1000, 1.7e308, "", "Ü🛎\u202e\ufffe", [], {}, nested(DEEPEST)]
)
def test_everything_else_is_left_alone(value: Any) -> None:
    assert list(unstorable(value)) == []


def test_nesting_has_an_end() -> None:
    [fault] = unstorable({"a": nested(DEEPEST)})

    assert fault == Fault("a" + ".0" * (DEEPEST - 1), "must not be nested more than 100 levels deep")


def test_a_field_s_name_can_be_printed() -> None:
    [fault] = unstorable({"a\nb\u202e": "\0"})

    assert fault.field.isprintable()


@given(st.text())
def test_cleaned_text_can_be_stored(text: str) -> None:
    clean = cleaned(text, longest=1000)

    assert list(unstorable(clean)) == []
    assert clean.encode("utf-8").decode("utf-8") == clean


def test_clean_text_stays_as_it_is() -> None:
    assert cleaned("Ünïcödé 🛎\n", longest=100) == "Ünïcödé 🛎\n"


def test_the_middle_of_a_long_text_is_left_out() -> None:
    short = cleaned("b" * 500 + "x" * 5000 + "e" * 500, longest=1000)

    assert short == "b" * 500 + "\n[...]\n" + "e" * 500


@settings(max_examples=30)
@given(
    st.recursive(
        st.none() | st.floats() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_what_is_left_alone_survives_json(value: Any) -> None:
    if not list(unstorable(value)):
        assert json.loads(json.dumps(value, ensure_ascii=False).encode("utf-8")) == value
