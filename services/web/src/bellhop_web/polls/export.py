"""A result as a file: CSV that a spreadsheet takes for text and numbers, and for nothing else."""

import csv
import io
from collections.abc import Iterable

from bellhop_web.polls.results import PollView

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What a spreadsheet takes for the beginning of a formula, in narrow and in wide script."""


def result(poll: PollView) -> str:
    """Write a poll's options with their votes as CSV (RFC 4180)."""
    rows = [(option.name, option.votes, f"{option.share * 100:.1f}") for option in poll.options]
    return table(["option", "votes", "percent"], rows)


def table(head: list[str], rows: Iterable[tuple[str | int, ...]]) -> str:
    """Write a table as CSV, beginning with the mark by which spreadsheets know UTF-8."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(head)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return "\ufeff" + file.getvalue()


def _harmless(cell: str | int) -> str | int:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell
