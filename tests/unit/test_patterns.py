"""Patterns of names: what a star stands for, and that SQL understands the same."""

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bellhop_ledger.accounts.patterns import any_fits, fits, like

ODD = st.text(alphabet="a.*%_\\[]?é\n ", max_size=12)


@pytest.mark.parametrize(
    ("pattern", "name", "is_one"),
    [
        ("billing.*", "billing.charge", True),
        ("billing.*", "billing.", True),
        ("billing.*", "billing", False),
        ("billing.*", "prebilling.charge", False),
        ("billing.*", "Billing.charge", False),
        ("*.charge", "billing.charge", True),
        ("*", "", True),
        ("", "", True),
        ("", "a", False),
        ("a*a", "a", False),
        ("a*b*c", "a-b-b-c", True),
        ("a*b*c", "a-c-b", False),
        ("nightly [eu]", "nightly [eu]", True),
        ("nightly [eu]", "nightly e", False),
        ("billing?charge", "billing.charge", False),
        ("50%_*", "50%_off", True),
        ("50%_*", "50 off", False),
        ("a*", "a\nb", True),
    ],
)
def test_a_star_stands_for_anything_and_all_else_for_itself(pattern: str, name: str, is_one: bool) -> None:
    assert fits(pattern, name) is is_one


@given(ODD, ODD)
def test_it_is_what_a_regular_expression_says(pattern: str, name: str) -> None:
    written = ".*".join(re.escape(part) for part in pattern.split("*"))

    assert fits(pattern, name) is bool(re.fullmatch(written, name, re.DOTALL))


def test_many_stars_take_no_time() -> None:
    began = time.perf_counter()

    assert not fits("a*" * 100 + "b", "a" * 200)
    assert time.perf_counter() - began < 0.1


def test_one_of_several_patterns_is_enough_also_where_they_overlap() -> None:
    assert any_fits(("billing.*", "billing.charge*", "*"), "billing.charge")
    assert not any_fits((), "billing.charge")


@pytest.mark.parametrize(("pattern", "written"), [("50%_*", r"50\%\_%"), ("a\\*", r"a\\%"), ("*", "%")])
def test_like_in_sql_has_its_own_letters_escaped(pattern: str, written: str) -> None:
    assert like(pattern) == written
