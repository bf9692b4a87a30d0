"""The jobs of a day, written to a place as they come from the database."""

from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from bellhop_ledger.export.lines import BESIDE, EXPORTED, in_chunks, line_of
from bellhop_ledger.export.places import Place
from bellhop_ledger.ledger.retention.exported_days import note_exported, note_failed
from bellhop_ledger.ledger.retention.tiers import table_of
from bellhop_ledger.platform.database import transaction

AT_ONCE = 1_000
"""Rows that are in memory."""
TELL_EVERY = 20_000

# The tables themselves and not `jobs`: whoever reads that keeps all days from being dropped.
FORGOTTEN_ON = "forget_on = :day"
ENDED_ON = (
    "state IN ('succeeded','failed','cancelled') AND finished_at >= CAST(:day AS timestamp) AT TIME ZONE 'UTC' "
    "AND finished_at < CAST(:after AS timestamp) AT TIME ZONE 'UTC'"
)
THERE = text("SELECT to_regclass(:table) IS NOT NULL")
KEPT = text("SELECT EXISTS (SELECT FROM kept_jobs WHERE forget_on = :day)")


@dataclass
class Count:
    """How many jobs were written."""

    jobs: int = 0


def export_day(place: Place, day: date, tell: Callable[[int], None] = lambda jobs: None) -> int:
    """Write the jobs that are forgotten when a day (UTC) is over, and note it; return their number.

    Raises what the place raises, after it is noted as well.
    """
    name = f"jobs-{day}.jsonl.gz"
    count = Count()
    try:
        with closing(forgotten_on(day)) as lines:
            where = place.write(name, in_chunks(counted(lines, count, tell), compressed=True))
    except Exception as error:
        with transaction() as db:
            note_failed(db, day, str(error) or repr(error))
        raise
    with transaction() as db:
        note_exported(db, day, jobs=count.jobs, place=where)
    return count.jobs


def counted(lines: Iterator[str], count: Count, tell: Callable[[int], None] = lambda jobs: None) -> Iterator[str]:
    """Yield the lines, and count them."""
    for line in lines:
        yield line
        count.jobs += 1
        if count.jobs % TELL_EVERY == 0:
            tell(count.jobs)


def forgotten_on(day: date) -> Generator[str, None, None]:
    """Yield the line of each job that is forgotten when a day is over."""
    for table in (table_of(day), "kept_jobs"):
        yield from _lines(table, FORGOTTEN_ON, day)


def ended_on(day: date) -> Generator[str, None, None]:
    """Yield the line of each job that ended on a day and is not forgotten yet."""
    yield from _lines("jobs", ENDED_ON, day)


def is_there(db: Session, day: date) -> bool:
    """Whether there is a table for the jobs that are forgotten when a day is over, or such a job elsewhere."""
    found: bool = (
        db.execute(THERE, {"table": table_of(day)}).scalar_one() or db.execute(KEPT, {"day": day}).scalar_one()
    )
    return found


def _lines(table: str, where: str, day: date) -> Generator[str, None, None]:
    """Read the rows by a cursor of the server, so that any number of them takes little memory."""
    columns = [*EXPORTED, *(f"{value} AS {name}" for name, value in BESIDE.items())]
    select = text(f"SELECT {', '.join(columns)} FROM {table} AS job WHERE {where}")  # noqa: S608
    with transaction() as db:
        if not db.execute(THERE, {"table": table}).scalar_one():
            return
        values = {"day": day} | ({"after": day + timedelta(days=1)} if ":after" in where else {})
        rows = db.execute(select, values, execution_options={"yield_per": AT_ONCE})
        yield from map(line_of, rows)
