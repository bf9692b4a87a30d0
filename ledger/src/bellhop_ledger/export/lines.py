"""Lines: a job as one line of JSON, with the names that the API has for its fields."""

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Row

from bellhop_ledger.ledger.events import JobEvent, retries_before
from bellhop_ledger.ledger.job_logs import lines_of
from bellhop_ledger.ledger.past import outcome_of
from bellhop_ledger.ledger.retention.tiers import COLUMNS
from bellhop_ledger.ledger.tables import Job, first_start, has_expired
from bellhop_ledger.platform.secrets import masked

INTERNAL = frozenset(
    (
        "tier",
        "forget_on",
        "lease",
        "lease_expires_at",
        "published_at",
        "suspect",
        "request_hash",
        "trace_context",
        "limit_key",
        "reason",
    )
)
"""Columns by which the engine works, and that tell nothing of the job."""
EXPORTED = [name for name in COLUMNS if name not in INTERNAL]
BESIDE = {
    "events": """
        (SELECT jsonb_agg(jsonb_build_object('at', at, 'action', action, 'by', by, 'request_id', request_id,
                                             'details', details) ORDER BY id)
         FROM job_events WHERE job_id = job.id)
    """,
    "log": "(SELECT jsonb_build_object('entries', entries, 'lines', lines) FROM job_logs WHERE job_id = job.id)",
}
"""What stands in other tables, as columns of a statement that reads the jobs as `job`; null where there is nothing."""
STORED_OTHERWISE = frozenset(("attempt", "outcome", "state", "max_attempts"))
"""Of an earlier attempt: what the API calls by another name, and what the release before shows."""
CHUNK = 256 * 1024


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else str(value)


encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_plain).encode


def line_of(row: Row[Any]) -> str:
    """Return the line of a job, whose exported columns are given, and what stands beside them.

    Secrets among its arguments are `***`, as in the API; times are in UTC.
    """
    job, fields = Job.of_row(row), row._asdict()
    fields |= {
        "args": masked(job.args),
        "tags": job.tags or [],
        "expires": fields.pop("start_before"),
        "expired": has_expired(job),
        "first_started_at": first_start(job),
        "past_attempts": [_attempt(past) for past in job.past_attempts or ()],
        "events": [*(_event(event) for event in retries_before(job)), *(_timed(event) for event in row.events or ())],
        "log": _log(**row.log or {}),
    }
    return f"{encode(fields)}\n"


def _event(event: JobEvent) -> dict[str, Any]:
    return {name: getattr(event, name) for name in ("at", "action", "by", "request_id", "details")}


def _log(entries: Sequence[dict[str, Any]] = (), lines: int = 0) -> dict[str, Any]:
    """Return what is kept of a job's log, each line with its number."""
    log = lines_of(entries, lines, len(entries))
    numbered = enumerate(log.entries, log.first)
    return {"entries": [{"number": number, **_timed(entry)} for number, entry in numbered], "truncated": log.truncated}


def _timed(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is stored with its time as one, which is then written as all others are."""
    return {**stored, "at": datetime.fromisoformat(stored["at"])}


def _attempt(past: Mapping[str, Any]) -> dict[str, Any]:
    """Return what became of an earlier attempt, as the API shows it, of what is written down."""
    facts = {name: value for name, value in past.items() if name not in STORED_OTHERWISE}
    times = {name: datetime.fromisoformat(value) for name, value in facts.items() if name.endswith("_at")}
    return {"number": past["attempt"], "outcome": outcome_of(past), **facts, **times}


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
