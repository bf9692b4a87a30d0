"""What products are called, and their numbers: read as everywhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bellhop_products.tables import Name, Sku
from tests.names import INVISIBLE, SCRIPTS, assert_read, assert_refused
from tests.shapes import assert_the_schema_is_the_rule


@given(st.text())
def test_the_schema_of_a_sku_allows_what_is_taken_and_nothing_else(text: str) -> None:
    assert_the_schema_is_the_rule(Sku, text)


@pytest.mark.parametrize("text", INVISIBLE, ids=ascii)
def test_a_name_with_what_cannot_be_seen_is_refused_in_words(text: str) -> None:
    assert_refused(Name, text)


@pytest.mark.parametrize("text", SCRIPTS, ids=ascii)
def test_a_name_in_any_script_is_taken(text: str) -> None:
    assert_read(Name, text)
