"""Money: amounts as people write and read them."""

import pytest

from bellhop.money import MOST, minor_units, shown


@pytest.mark.parametrize(
    ("text", "currency", "units"),
    [("19.99", "EUR", 1999), ("0", "EUR", 0), (" 5 ", "USD", 500), ("1200", "JPY", 1200), ("1.234", "KWD", 1234)],
)
def test_an_amount_is_read_into_minor_units_of_its_currency(text: str, currency: str, units: int) -> None:
    assert minor_units(text, currency) == units


@pytest.mark.parametrize("text", ["", "-1", "1e400", "nan", "19,99", "1_000", "٣", "1.", "free"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"must be an amount such as 19\.99"):
        minor_units(text, "EUR")


def test_an_amount_finer_than_its_currency_is_refused() -> None:
    with pytest.raises(ValueError, match="at most 0 digits after the point in JPY"):
        minor_units("1.5", "JPY")


def test_an_amount_that_nothing_costs_is_refused() -> None:
    assert minor_units("10000000000.00", "EUR") == MOST
    with pytest.raises(ValueError, match=r"at most 10000000000\.00"):
        minor_units("10000000000.01", "EUR")


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        (1999, "EUR", "19.99 EUR"),
        (5, "USD", "0.05 USD"),
        (1200, "JPY", "1200 JPY"),
        (0, None, "free"),
        (None, "EUR", "no price"),
    ],
)
def test_a_price_is_shown_as_people_read_it(amount: int | None, currency: str | None, text: str) -> None:
    assert shown(amount, currency) == text
