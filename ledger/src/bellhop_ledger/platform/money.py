"""Money: whole minor units (cents) and an ISO 4217 currency, never a float."""

import re
import unicodedata
from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from bellhop_ledger.platform.currencies import DIGITS

LARGEST = 10**12
"""Minor units; far below what a bigint holds, so that sums of many still fit."""
GROUP = 3
"""Digits between separators of thousands."""
LONGEST = 100
"""Characters in which an amount can be written."""
FARTHEST = 10_000
"""A larger exponent is taken for this one, which is as far out of reach: nothing is ever multiplied out."""
SIGNS = {"AUD": "$", "CAD": "$", "CNY": "\u00a5", "EUR": "\u20ac", "GBP": "\u00a3", "INR": "\u20b9", "JPY": "\u00a5"}
SIGNS |= {"KRW": "\u20a9", "MXN": "$", "NZD": "$", "PHP": "\u20b1", "TRY": "\u20ba", "UAH": "\u20b4", "USD": "$"}
"""What may stand beside an amount of the currency, as its code may."""
SAME = str.maketrans(
    "\uff0e\uff0c\u066b\u2019\u02bc\u066c\uff07\u00a0\u2007\u2008\u2009\u202f\u2212\uff0d\ufe63\uff0b\ufe62",
    ".,,''''     ---++",
)
"""Other scripts' points, commas, separators of thousands and signs."""
AMOUNT = re.compile(
    r"""(?P<sign>[+-]?)\ ?
    (?P<whole>\d* | \d{1,3}(?:(?P<by>[\ ',.])\d{3})(?:(?P=by)\d{3})* | \d{1,2}(?:(?P<indian>,)\d{2})+,\d{3})
    (?:(?P<point>[.,])(?P<fraction>\d*))?
    (?:e(?P<power>[+-]?\d+))?""",
    re.ASCII | re.IGNORECASE | re.VERBOSE,
)


class NotMoney(ValueError):
    """The amount must be a number such as 12.50."""


def known_currency(code: str) -> str:
    """Return the code. Raises PydanticCustomError when ISO 4217 has no such currency."""
    if code not in DIGITS:
        raise PydanticCustomError("currency", "must be the code of a currency by ISO 4217, such as EUR")
    return code


def capitals(written: str) -> str:
    """Return what people mean by a code: in capitals, without white space around it."""
    return written.strip().upper()


Currency = Annotated[str, AfterValidator(known_currency), WithJsonSchema({"type": "string", "enum": sorted(DIGITS)})]
TypedCurrency = Annotated[Currency, BeforeValidator(capitals)]
"""As people write it in files and forms."""
Amount = Annotated[int, Field(ge=0, le=LARGEST)]


def digits_of(currency: str) -> int:
    """Return how many digits the currency has after the point."""
    return DIGITS.get(currency, 2)


def minor_of(written: str, currency: str, *, point: bool = False) -> int:
    """Return the minor units of an amount that is written in major ones, such as 12.50 or 1.234,50.

    Point or comma, whichever comes last, stands before the decimals. One of them alone before three digits may
    separate thousands as well, so that is refused, unless the currency has three decimals or `point` says that
    whoever wrote it uses the point for decimals, as programs do. Raises NotMoney.
    """
    digits = digits_of(currency)
    value = _value(written, currency, digits, point)
    if value < 0:
        raise NotMoney("must not be negative")
    if value and (value.adjusted() > len(str(LARGEST)) or value > LARGEST):
        raise NotMoney(f"must be at most {major_of(LARGEST, currency)}")
    if value != value.to_integral_value():
        places = f"have at most {digits} digits after the point" if digits else "be a whole number"
        raise NotMoney(f"must {places} in {currency}")
    return int(value)


def _value(written: str, currency: str, digits: int, point: bool) -> Decimal:
    """Return the amount in minor units, which need not be whole."""
    read = AMOUNT.fullmatch(_plain(written, currency)) if len(written) <= LONGEST else None
    by = read and (read["by"] or read["indian"])
    if read is None or not (read["whole"] or read["fraction"]) or (by and by == read["point"]):
        raise NotMoney(f"must be a number such as {major_of(1250, currency)}, in {currency}")
    whole, fraction = re.sub(r"\D", "", read["whole"]) or "0", read["fraction"] or ""
    decimals = read["point"] == "." and (point or digits == GROUP)
    plainly = by or read["power"] or decimals or whole.startswith("0") or len(whole) > GROUP
    if len(fraction) == GROUP and not plainly:
        raise NotMoney(f"may mean {whole}{fraction} or {whole}.{fraction}: write it without a separator of thousands")
    power = max(-FARTHEST, min(int(read["power"] or 0), FARTHEST)) + digits
    return Decimal(f"{read['sign']}{whole}.{fraction}e{power}")


def _plain(written: str, currency: str) -> str:
    """Return the amount in ASCII, without its currency and the blanks around."""
    ascii = "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in written).translate(SAME)
    for name in (currency, SIGNS.get(currency, currency)):
        ascii = ascii.upper().strip().removeprefix(name).removesuffix(name)
    return ascii.strip()


def major_of(minor: int, currency: str) -> str:
    """Return an amount in major units, such as 12.50: the reverse of `minor_of`."""
    digits = digits_of(currency)
    whole, fraction = divmod(minor, 10**digits)
    return f"{whole}.{fraction:0{digits}}" if digits else str(whole)


def words_of(minor: int, currency: str) -> str:
    """Return an amount for people, such as 1,299.00 EUR."""
    whole, point, fraction = major_of(minor, currency).partition(".")
    return f"{int(whole):,}{point}{fraction} {currency}"
