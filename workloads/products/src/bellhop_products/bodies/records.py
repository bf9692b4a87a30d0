"""Records: a CSV file as lists of values, without what carries no data, wherever a spreadsheet leaves it."""

import csv
import re
from collections.abc import Iterable, Iterator

from bellhop.text import BLANK
from bellhop_ledger.api import CSV_BOM
from bellhop_products.bodies.lines import NotACsv

DELIMITERS = ",;\t|"
NOTHING = re.compile(rf"[{BLANK}]*")
EMPTY = re.compile(rf"[{BLANK}{DELIMITERS}\"']*")
AROUND = re.compile(rf"^[{BLANK}\"']+|[{BLANK}\"']+$")
"""What is no part of a column's name."""
SEPARATOR = re.compile(
    rf"""[{BLANK}]*["']?sep=(?P<sign>[^"\w\s]|\t)["']?(?P<rest>[{BLANK}{DELIMITERS}"']*)""", re.IGNORECASE
)
"""The first line by which Excel is told what stands between the values."""
REASONS = {
    "field limit": "a quotation mark is opened and never closed",
    "end of data": "a quotation mark is opened and never closed",
    "expected after": "something follows a closing quotation mark; one inside a value is written twice",
}
"""What we say in place of the csv module, by a part of its words."""


class Lines:
    """The lines on their way into csv.reader(), which takes as many as a record has.

    A mark of UTF-8 before a record is left out: files that were put together have one in their middle.
    """

    def __init__(self, lines: Iterable[str]):
        self._lines = iter(lines)
        self.count = 0
        self.between_records = True

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self.count += 1
        if self.between_records:
            line = line.lstrip(CSV_BOM)
        self.between_records = False
        return line


class Records:
    """The records of a file that say something, each with the line on which it begins. Raises NotACsv."""

    def __init__(self, lines: Iterable[str]):
        self._lines = Lines(lines)
        first, self.delimiter = self._begin()
        self.header = [name_of(cell) for cell in first.split(self.delimiter)]
        self._blanks = f"{self.delimiter} " in first

    def _begin(self) -> tuple[str, str]:
        """Return the first line with something on it, and what stands between its values."""
        told = None
        for line in self._lines:
            self._lines.between_records = True
            if separator := SEPARATOR.fullmatch(line):
                told = (separator["rest"].strip(" \"'\r\n") or separator["sign"])[0]
            elif not EMPTY.fullmatch(line):
                return line, told or max(DELIMITERS, key=line.count)
        return "", ","

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        line = self._lines.count + 1
        reader = csv.reader(self._lines, delimiter=self.delimiter, skipinitialspace=self._blanks, strict=True)
        try:
            for record in reader:
                if not all(map(NOTHING.fullmatch, record)):
                    yield line, record
                self._lines.between_records, line = True, self._lines.count + 1
        except csv.Error as error:
            raise NotACsv(f"Line {line} cannot be read as CSV: {_reason(error)}.") from error


def name_of(cell: str) -> str:
    """Return the name that a cell of the header gives its column."""
    return AROUND.sub("", cell).casefold()


def _reason(error: csv.Error) -> str:
    return next((words for part, words in REASONS.items() if part in str(error)), "it is no row of values")
