"""Logs of jobs: what their bodies said, the newest of it, in one row a job.

A worker writes what is new of many jobs with one statement: while they run from time to time, and the rest with the
finish. Postgres appends it to what earlier attempts and other workers have written.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from bellhop_ledger.broker.pubsub import announce_changed
from bellhop_ledger.platform.database import Base, Database, after_commit
from bellhop_ledger.platform.statements import run

MOST_BYTES = 64 * 1024
"""Of each job so much is kept."""
LINE_BYTES = 100
"""What a line counts besides its text: its time, its level and its logger have to be kept too."""


class JobLog(Base):
    """The newest lines that the body of a job has logged."""

    __tablename__ = "job_logs"

    job_id: Mapped[UUID] = mapped_column(primary_key=True)
    entries: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    """The oldest first: at, level, logger, attempt, message, and the traceback of an error."""
    lines: Mapped[int] = mapped_column(BigInteger)
    """How many there were, with those that are no longer kept."""


@dataclass(frozen=True)
class NewLines:
    """What a job has logged since the last write."""

    job_id: UUID
    entries: Sequence[dict[str, Any]]
    lines: int
    """How many lines these are, with older ones of which there were too many to keep."""


@dataclass(frozen=True)
class Lines:
    """What is kept of a job's log, from some line on."""

    entries: Sequence[dict[str, Any]]
    first: int
    """The number of the first of these entries; the first line that the job ever logged is number 1."""
    last: int
    """How many lines there were."""
    truncated: int
    """How many of the oldest are no longer kept."""


# Where lines are missing before the new ones, nothing older is kept: what is kept is one piece, up to the last line.
NEWEST = f"""
    SELECT coalesce(jsonb_agg(entry ORDER BY place), '[]')
    FROM (
        SELECT entry, place, sum(octet_length(entry->>'message') + coalesce(octet_length(entry->>'traceback'), 0)
                                 + {LINE_BYTES}) OVER (ORDER BY place DESC) AS bytes
        FROM jsonb_array_elements(
            CASE WHEN excluded.lines > jsonb_array_length(excluded.entries) THEN excluded.entries
                 ELSE kept.entries || excluded.entries END) WITH ORDINALITY AS all_of_it (entry, place)
    ) AS counted
    WHERE bytes <= {MOST_BYTES}
"""
APPEND = f"""
    INSERT INTO job_logs AS kept (job_id, entries, lines)
    SELECT job_id, entries, lines
    FROM jsonb_to_recordset(CAST(:logs AS jsonb)) AS new_lines (job_id uuid, entries jsonb, lines bigint)
    ORDER BY job_id
    ON CONFLICT (job_id) DO UPDATE SET lines = kept.lines + excluded.lines, entries = ({NEWEST})
"""
WRITE = text(APPEND)
READ = text("""
    SELECT CASE WHEN lines > :after THEN entries ELSE '[]' END AS entries, jsonb_array_length(entries) AS kept, lines
    FROM job_logs WHERE job_id = :id
""")


def write_logs(db: Database, logs: Sequence[NewLines]) -> None:
    """Append what these jobs have logged, each of them named once."""
    run(db, WRITE, logs=as_parameter(logs))
    announce_logs(db, logs)


def as_parameter(logs: Sequence[NewLines]) -> str:
    """Return the lines as the statements of the ledger take them."""
    return json.dumps([{"job_id": str(one.job_id), "entries": one.entries, "lines": one.lines} for one in logs])


def announce_logs(db: Database, logs: Sequence[NewLines]) -> None:
    """Announce to those who look at these jobs, after the commit, that there are new lines."""
    after_commit(db, announce_changed, [f"job_log:{one.job_id}" for one in logs])


def read_log(db: Session, id: UUID, *, after: int = 0) -> Lines:
    """Return what is kept of a job's log, without the lines up to this number."""
    row = db.execute(READ, {"id": id, "after": after}).one_or_none()
    if row is None:
        return Lines([], 1, 0, 0)
    return lines_of(row.entries, row.lines, row.kept, after=after)


def lines_of(entries: Sequence[dict[str, Any]], lines: int, kept: int, *, after: int = 0) -> Lines:
    """Return the lines of a log of which so many are kept, the newest ones, without those up to this number."""
    truncated = lines - kept
    skipped = max(after - truncated, 0)
    return Lines(entries[skipped:], truncated + skipped + 1, lines, truncated)
