"""Money: whole minor units (cents) and an ISO 4217 currency, never a float."""

import re
from typing import Annotated

from pydantic import Field

LARGEST = 10**12
"""Minor units; far below what a bigint holds, so that sums of many still fit."""
OTHER_DIGITS = dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF"), 0)
OTHER_DIGITS |= dict.fromkeys(("UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"), 0)
OTHER_DIGITS |= dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3)
"""Currencies that do not have two digits after the point, by ISO 4217."""
WRITTEN = re.compile(r"(\d{1,13})(?:\.(\d{1,3}))?", re.ASCII)

Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]
Amount = Annotated[int, Field(ge=0, le=LARGEST)]


class NotMoney(ValueError):
    """The amount must be a number such as 12.50."""


def digits_of(currency: str) -> int:
    """Give how many digits the currency has after the point."""
    return OTHER_DIGITS.get(currency, 2)


def minor_of(written: str, currency: str) -> int:
    """Read an amount in major units, such as 12.50, and give its minor units. Raises NotMoney."""
    read, digits = WRITTEN.fullmatch(written), digits_of(currency)
    if not read:
        raise NotMoney("must be a number such as 12.50, without a sign, a separator of thousands or a currency")
    whole, fraction = read.group(1), read.group(2) or ""
    if len(fraction) > digits:
        raise NotMoney(f"must have at most {digits} digits after the point in {currency}")
    if (minor := int(whole + fraction.ljust(digits, "0"))) > LARGEST:
        raise NotMoney(f"must be at most {major_of(LARGEST, currency)}")
    return minor


def major_of(minor: int, currency: str) -> str:
    """Write an amount in major units, such as 12.50: the reverse of `minor_of`."""
    digits = digits_of(currency)
    whole, fraction = divmod(minor, 10**digits)
    return f"{whole}.{fraction:0{digits}}" if digits else str(whole)


def words_of(minor: int, currency: str) -> str:
    """Write an amount for people, such as 1,299.00 EUR."""
    whole, point, fraction = major_of(minor, currency).partition(".")
    return f"{int(whole):,}{point}{fraction} {currency}"
