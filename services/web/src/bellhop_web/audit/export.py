"""Export: the audit as a file, the earliest act first, written as it is read."""

import json
from collections.abc import Callable, Iterator
from enum import StrEnum
from io import StringIO

from bellhop_ledger.audit import Act
from bellhop_ledger.platform.csvtext import Table
from bellhop_ledger.platform.database import transaction
from bellhop_web.audit.listing import ActView, AuditQuery, selected, views

PIECE = 1_000
"""Acts that one statement reads. Between two of them no connection is held, however slow the client is."""
COLUMNS = tuple(ActView.model_fields)


class Format(StrEnum):
    """How the file is written."""

    CSV = "csv"
    JSONL = "jsonl"


MEDIA_TYPES = {Format.CSV: "text/csv; charset=utf-8", Format.JSONL: "application/jsonl"}


def lines(query: AuditQuery, format: Format) -> Iterator[bytes]:
    """Yield the file in pieces: all that had happened by its begin."""
    write = WRITERS[format]
    yield write([], True)
    last, until = 0, _latest(query)
    while acts := _next(query, last, until):
        last = acts[-1].id
        yield write(acts, False)


def _latest(query: AuditQuery) -> int:
    with transaction() as db:
        return db.scalar(selected(query).with_only_columns(Act.id).order_by(Act.id.desc()).limit(1)) or 0


def _next(query: AuditQuery, last: int, until: int) -> list[ActView]:
    with transaction() as db:
        wanted = selected(query).where(Act.id > last, Act.id <= until).order_by(Act.id).limit(PIECE)
        return views(db, db.scalars(wanted))


def _csv(acts: list[ActView], begin: bool) -> bytes:
    out = StringIO()
    table = Table(out, COLUMNS)
    if not begin:
        out.seek(0)
        out.truncate()
    for act in acts:
        facts = act.model_dump(mode="json") | {"details": json.dumps(act.details, ensure_ascii=False)}
        table.add(["" if facts[name] is None else facts[name] for name in COLUMNS])
    return out.getvalue().encode()


def _jsonl(acts: list[ActView], begin: bool) -> bytes:
    return b"".join(act.model_dump_json().encode() + b"\n" for act in acts)


WRITERS: dict[Format, Callable[[list[ActView], bool], bytes]] = {Format.CSV: _csv, Format.JSONL: _jsonl}
