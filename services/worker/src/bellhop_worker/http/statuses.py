"""Statuses: what they are called, and when to ask again."""

from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from bellhop_ledger.platform import clock

MOST_PATIENCE = 3600.0
"""Seconds after which we ask again at the latest, whatever Retry-After says."""


def words_of(status: int) -> str:
    """Return a status with its phrase, where it has one."""
    return f"{status} {HTTPStatus(status).phrase}" if status in set(HTTPStatus) else str(status)


def retry_after(text: str) -> float:
    """Read seconds or a date (RFC 9110, 10.2.3); 0 if it is neither or over."""
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), MOST_PATIENCE)
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return 0.0
    wait = (date if date.tzinfo else date.replace(tzinfo=UTC)) - clock.now()
    return min(max(wait.total_seconds(), 0.0), MOST_PATIENCE)
