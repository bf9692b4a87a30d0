"""Amounts, however they are written, and the currencies of ISO 4217."""

import time
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from bellhop_ledger.platform.currencies import DIGITS
from bellhop_ledger.platform.money import LARGEST, Currency, NotMoney, TypedCurrency, major_of, minor_of

POINTS = "12.50 | 12,50 | 12.5 | 12.50000 | +12.50 | 012.50 | 1.25e1 | 1.25E+1 | 1,25E+01 | 125e-1 |  12.50 "
NAMED = "12.50 EUR | EUR 12,50 | eur 12.50 | \u20ac12.50 | 12,50\u00a0\u20ac"
SCRIPTS = "\uff11\uff12.\uff15 | 12\uff0c50 | \u0661\u0662\u066b\u0665"
THOUSANDS = "1.234,50 | 1,234.50 | 1'234.50 | 1\u2019234,50 | 1 234,50 | 1\u00a0234,50 | 1\u202f234,50 | 1234.500"
EUROS = {
    1250: f"{POINTS} | {NAMED} | {SCRIPTS}",
    123450: THOUSANDS,
    100_000: "1e3 | 1000 | 1000. | 1000, | 1 000 | 1.000,00 | 01000",
    123_456_700: "1.234.567 | 1,234,567 | 1 234 567 | 12,34,567",
    50: ".50 | ,5 | 0.500 | 0,500",
    0: "0 | -0 | -0.00 | 0e999999999999 | .0",
}


@pytest.mark.parametrize(
    ("minor", "written"), [(minor, text) for minor, texts in EUROS.items() for text in texts.split(" | ")]
)
def test_every_way_to_write_an_amount_means_that_amount(minor: int, written: str) -> None:
    assert minor_of(written, "EUR") == minor


@pytest.mark.parametrize(
    ("written", "currency", "minor"),
    [
        ("100.00", "JPY", 100),
        ("1e3", "JPY", 1000),
        ("\u00a5100", "JPY", 100),
        ("12.500", "KWD", 12_500),
        ("1.234", "KWD", 1234),
        ("1.2345", "CLF", 12_345),
        ("1.50", "MRU", 150),
        ("1,00,000.00", "INR", 10_000_000),
        ("$1,299.99", "USD", 129_999),
    ],
)
def test_zeros_behind_the_last_digit_are_no_digits_and_each_currency_has_its_own(
    written: str, currency: str, minor: int
) -> None:
    assert minor_of(written, currency) == minor


@pytest.mark.parametrize(
    ("written", "words"),
    [
        *[
            (text, "must be a number such as 12.50, in EUR")
            for text in ["", " ", ".", ",", "abc", "NaN", "Infinity", "-inf"]
        ],
        *[(text, "must be a number") for text in ["1_000", "0x10", "5-", "(5)", "12.34.56", "1,,5", "1 2", "1e", "e5"]],
        *[
            (text, "must be a number")
            for text in ["\u00bd", "5\u00b2", "$5", "5 USD", "1.234.5", "1,00,000,5", "9" * 101]
        ],
        *[(text, "must not be negative") for text in ["-1", "-0.01", "\u22125", "-1e400000", "- 5"]],
        *[(text, "must have at most 2 digits") for text in ["0.005", "1.2345", "1e-3", "1e-400000"]],
        *[(text, "must be at most 10000000000.00") for text in ["10000000000.01", "1e11", "1e400000", "9" * 100]],
        *[(text, "separator of thousands") for text in ["1.234", "1,234", "12.500", "999,000"]],
    ],
)
def test_what_is_no_amount_or_may_be_two_is_refused_in_words(written: str, words: str) -> None:
    with pytest.raises(NotMoney, match=words):
        minor_of(written, "EUR")


def test_a_program_writes_a_point_for_decimals() -> None:
    assert minor_of("12.500", "EUR", point=True) == 1250
    with pytest.raises(NotMoney, match="separator of thousands"):
        minor_of("12,500", "EUR", point=True)


@pytest.mark.parametrize("written", ["1e400000", "1e-400000", "1e" + "9" * 90, "0." + "0" * 98, "9" * 1_000_000])
def test_no_amount_costs_time(written: str) -> None:
    began = time.process_time()
    with pytest.raises(NotMoney):
        minor_of(written + "1", "EUR")

    assert time.process_time() - began < 1


@given(st.integers(0, LARGEST), st.sampled_from(sorted(DIGITS)))
def test_what_we_write_we_read(minor: int, currency: str) -> None:
    written = major_of(minor, currency)

    assert minor_of(written, currency, point=True) == minor
    assert minor_of(str(Decimal(written).normalize()), currency, point=True) == minor


@given(st.text())
def test_any_text_is_an_amount_or_refused(written: str) -> None:
    with suppress(NotMoney):
        assert 0 <= minor_of(written, "EUR") <= LARGEST


@pytest.mark.parametrize(
    ("digits", "count", "some"),
    [
        (0, 17, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"),
        (2, 139, "EUR USD CHF MRU MGA XCG ZWG SLE VED XAD CNY BOV CHE CHW COU MXV USN STN"),
        (3, 7, "BHD IQD JOD KWD LYD OMR TND"),
        (4, 2, "CLF UYW"),
    ],
)
def test_currencies_have_the_digits_of_iso_4217(digits: int, count: int, some: str) -> None:
    listed = {code for code, value in DIGITS.items() if value == digits}

    assert len(listed) == count
    assert set(some.split()) <= listed


@pytest.mark.parametrize(
    "code", ["ABC", "", "eur", "EU", "EURO", "XXX", "XTS", "XAU", "XDR", "DEM", "BGN", "\u20ac", "E\u00dcR"]
)
def test_what_is_no_currency_with_a_minor_unit_is_refused_in_words(code: str) -> None:
    with pytest.raises(ValidationError, match="must be the code of a currency by ISO 4217, such as EUR"):
        TypeAdapter(Currency).validate_python(code)


@pytest.mark.parametrize("code", ["EUR", "eur", " Eur\n"])
def test_where_people_write_a_currency_blanks_around_it_and_its_case_do_not_matter(code: str) -> None:
    assert TypeAdapter(TypedCurrency).validate_python(code) == "EUR"
