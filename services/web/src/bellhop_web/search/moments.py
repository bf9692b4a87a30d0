"""Moments: how a query says when, as a date or as how long ago."""

import re
from datetime import UTC, datetime, timedelta

from bellhop_web.http.fields import date

UNITS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
AGO = re.compile("".join(rf"(?:(\d{{1,6}}){unit})?" for unit in UNITS), re.ASCII)
LONGEST_AGO = timedelta(days=36_525)
WORDS = "must be how long ago, such as 90m, 2h or 7d, or a date in ISO 8601, such as 2030-01-31T09:30Z"
RANGE = ".."


def moment_of(text: str, now: datetime) -> datetime:
    """Return the moment that a text names, in UTC where it has no offset. Raises ValueError, in words."""
    if (length := _ago(text)) is not None:
        return now - length
    try:
        read = date(text)
    except ValueError:
        raise ValueError(WORDS) from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


def _ago(text: str) -> timedelta | None:
    found = AGO.fullmatch(text)
    if not text or found is None:
        return None
    numbers = zip(found.groups(), UNITS.values(), strict=True)
    length = timedelta(seconds=sum(int(number) * unit for number, unit in numbers if number))
    if length > LONGEST_AGO:
        raise ValueError("is more than a hundred years ago")
    return length


def span_of(text: str, now: datetime) -> tuple[datetime | None, datetime | None]:
    """Return the begin and the end of `FROM..TO`, of which one may be left out. Raises ValueError, in words."""
    first, is_span, last = text.partition(RANGE)
    if not is_span or not (first or last):
        raise ValueError("must be FROM..TO, of which one may be left out, such as 2h.. or 2030-01-31..2030-02-01")
    begin, end = (moment_of(one, now) if one else None for one in (first, last))
    if begin and end and end <= begin:
        raise ValueError("must end after it begins")
    return begin, end
