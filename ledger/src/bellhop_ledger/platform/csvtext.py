"""CSV for spreadsheets: UTF-8 that they recognise, and no text that they take for a formula.

The guard is an apostrophe. It is taken off when a file is read, so that what was exported comes back as it was. Text
that only looks like a number, such as -5 or +43 1 234, is guarded too: a spreadsheet would calculate with it and drop
the sign. Numbers of ours are written as they are. A guard stands at the beginning of a cell; it cannot help whoever
opens the file with another separator than the comma, by which cells begin elsewhere.
"""

import csv
import re
from collections.abc import Iterable
from typing import Protocol

from bellhop.text import BLANK

BOM = "\ufeff"
"""The mark of UTF-8. Without it Excel reads a CSV file in the code page of its machine."""
FORMULA = re.compile(rf"[{BLANK}']*[=+\-@\u2212\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b]|'*[\t\r\n]")
"""What makes a spreadsheet calculate, by OWASP's page on CSV injection; and a value that looks guarded already."""
AS_TEXT = re.compile(r'\s*="((?:[^"]|"")*)"\s*')
"""A formula that is nothing but text: how programs keep spreadsheets from changing 00123 into 123."""


class Output(Protocol):
    """What takes text."""

    def write(self, text: str, /) -> int:
        """Write some more."""


class Table:
    """A table on its way into a CSV file (RFC 4180)."""

    def __init__(self, out: Output, header: Iterable[str]):
        out.write(BOM)
        self._writer = csv.writer(out, lineterminator="\r\n")
        self.add(header)

    def add(self, cells: Iterable[str | int]) -> None:
        """Write one row."""
        self._writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in cells])


def guarded(value: str) -> str:
    """Return the value with a guard before it, if it needs one."""
    return f"'{value}" if FORMULA.match(value) else value


def cell_text(cell: str) -> str:
    """Return what a cell says: without its guard, or what a formula such as ="00123" keeps as text."""
    if cell.startswith("'") and FORMULA.match(cell):
        return cell[1:]
    text = AS_TEXT.fullmatch(cell) if "=" in cell else None
    return text[1].replace('""', '"') if text else cell
