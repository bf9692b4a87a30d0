"""Lines: a job as one line of JSON, with the names that the API has for its fields."""

import json
import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any

from bellhop_ledger.ledger.tiers import COLUMNS
from bellhop_ledger.platform.secrets import masked

INTERNAL = frozenset(
    ("tier", "forget_on", "lease", "lease_expires_at", "published_at", "suspect", "request_hash", "trace_context")
)
"""Columns by which the engine works, and that tell nothing of the job."""
EXPORTED = [name for name in COLUMNS if name not in INTERNAL]
CHUNK = 256 * 1024


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else str(value)


encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_plain).encode


def line_of(row: Iterable[Any]) -> str:
    """Return the line of a job, whose exported columns are given.

    Secrets among its arguments are `***`, as in the API; times are in UTC.
    """
    fields = dict(zip(EXPORTED, row, strict=True))
    fields["args"] = masked(fields["args"])
    fields["first_started_at"] = fields["first_started_at"] or fields["started_at"]
    fields["past_attempts"] = fields["past_attempts"] or []
    return f"{encode(fields)}\n"


def in_chunks(lines: Iterable[str], *, compressed: bool) -> Iterator[bytes]:
    """Yield the lines as the bytes of a file, some hundred kilobytes of text at a time."""
    packer = zlib.compressobj(wbits=31) if compressed else None
    for text in _joined(lines):
        yield packer.compress(text) if packer else text
    if packer:
        yield packer.flush()


def _joined(lines: Iterable[str]) -> Iterator[bytes]:
    waiting, size = [], 0
    for line in lines:
        waiting.append(line)
        size += len(line)
        if size >= CHUNK:
            yield "".join(waiting).encode()
            waiting, size = [], 0
    yield "".join(waiting).encode()
