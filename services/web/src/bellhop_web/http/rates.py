"""Rates: how a setting says how often something may be done, such as `600/minute` or `50 per 15 minutes`."""

from typing import Annotated

from limits import RateLimitItem, parse_many
from pydantic import AfterValidator

OFF = "off"


def parse_rate(written: str) -> RateLimitItem | None:
    """Read a rate; nothing when it is off. Raises ValueError."""
    if written.strip().lower() == OFF:
        return None
    try:
        [rate] = parse_many(written)
    except ValueError:
        raise ValueError("must be one rate, such as 600/minute or 50 per 15 minutes, or off") from None
    if rate.amount < 1 or rate.get_expiry() < 1:
        raise ValueError("must allow at least one in at least a second")
    return rate


def _checked(written: str) -> str:
    parse_rate(written)
    return written


Rate = Annotated[str, AfterValidator(_checked)]
"""A setting's type."""
