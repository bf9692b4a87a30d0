"""A result as a file: CSV that a spreadsheet takes for text and numbers, and for nothing else."""

import io

from bellhop_ledger.api import CsvTable
from bellhop_polls.web.views import PollView


def result(poll: PollView) -> str:
    """Return a poll's options with their votes as CSV."""
    file = io.StringIO(newline="")
    table = CsvTable(file, ["option", "votes", "percent"])
    for option in poll.options:
        table.add([option.name, option.votes, f"{option.share * 100:.1f}"])
    return file.getvalue()
