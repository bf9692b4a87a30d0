"""Time and the identifiers made from it."""

import os
import time
from datetime import UTC, datetime
from uuid import UUID


def now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


def time_of(id: UUID) -> datetime | None:
    """Return when uuid7() made an identifier; None for one of another version."""
    return datetime.fromtimestamp((id.int >> 80) / 1000, UTC) if id.version == 7 else None


def uuid7() -> UUID:
    """Make an identifier that sorts by the time at which it was made.

    RFC 9562, version 7: 48 bits of Unix milliseconds, then 12 bits of the fraction of
    that millisecond (method 3 of its section 6.2), then 62 random bits.
    """
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    fraction = rest * 4096 // 1_000_000
    random = int.from_bytes(os.urandom(8)) & (1 << 62) - 1
    return UUID(int=milliseconds << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | random)
