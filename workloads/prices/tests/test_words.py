"""Prices as people read them."""

import pytest

from bellhop_prices.tables import in_words


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (1999, "EUR", "19.99 EUR"),
        (5, "USD", "0.05 USD"),
        (1200, "JPY", "1,200 JPY"),
        (0, None, "free"),
        (0, "EUR", "free"),
        (None, "EUR", "no price"),
    ],
)
def test_a_price_is_written_as_people_read_it(amount: int | None, currency: str | None, text: str) -> None:
    assert in_words(amount, currency) == text
