"""`bellhop export-day`: the ended jobs of a day as lines of JSON."""

import argparse
import sys
from contextlib import closing
from datetime import date
from pathlib import Path

from bellhop_ledger.cli.verbs import verb
from bellhop_ledger.export.days import Count, counted, ended_on, forgotten_on, is_there
from bellhop_ledger.export.lines import in_chunks
from bellhop_ledger.export.places import Bucket, Folder, Place, StandardOutput, place_of
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.settings import CommandError, Settings


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add `export-day DAY`."""
    parser = commands.add_parser("export-day", help="write the ended jobs of a day as lines of JSON")
    parser.add_argument(
        "day",
        type=day,
        metavar="DAY",
        help="a date, such as 2026-11-01: the jobs that are forgotten when it is over (UTC)",
    )
    parser.add_argument(
        "--ended", action="store_true", help="the jobs that ended on this day (UTC) and are not forgotten yet, instead"
    )
    parser.add_argument(
        "--to",
        default="-",
        metavar="FILE",
        help="a file or s3://bucket/key, compressed if it ends in .gz; without it, the standard output",
    )
    parser.set_defaults(run=export_day)


def day(text: str) -> date:
    """Read a date. Raises ArgumentTypeError."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be a date such as 2026-11-01, not {text!r}") from None


@verb
def export_day(arguments: argparse.Namespace) -> None:
    """Write the jobs of a day. Raises CommandError where no job can have that day, or the file cannot be written."""
    Settings.load()
    place, name = file_of(arguments.to)
    count = Count()
    if not arguments.ended:
        refuse_unknown(arguments.day)
    with closing((ended_on if arguments.ended else forgotten_on)(arguments.day)) as lines:
        where = place.write(name, in_chunks(counted(lines, count), compressed=name.endswith(".gz")))
    print(f"{count.jobs} jobs to {where}", file=sys.stderr)


def refuse_unknown(day: date) -> None:
    """Raise CommandError for a day on which no job is forgotten."""
    with transaction() as db:
        if not is_there(db, day):
            raise CommandError(
                f"no job is forgotten when {day} is over; --ended {day} takes those that ended on it and are there yet"
            )


def file_of(to: str) -> tuple[Place, str]:
    """Return where a file is to be written and what it is called. Raises CommandError."""
    if to == "-":
        return StandardOutput(), ""
    try:
        if to.startswith("s3://"):
            place = place_of(to)
            assert isinstance(place, Bucket)
            prefix, _, name = place.prefix.rpartition("/")
            if not name or to.endswith("/"):
                raise ValueError("must name a file, as s3://bucket/key")
            return Bucket(place.bucket, prefix), name
        path = Path(to).absolute()
        if path.is_dir() or "\0" in to:
            raise ValueError("must be the path of a file")
        return Folder(path.parent), path.name
    except ValueError as error:
        raise CommandError(f"--to {to!r}: {error}") from None
