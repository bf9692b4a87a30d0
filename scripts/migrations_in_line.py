"""Fail unless the migrations of the ledger are one line: two that took the same number would stop an upgrade."""

import re
import sys
from itertools import pairwise
from pathlib import Path

FOLDER = Path(__file__).parent.parent / "ledger/src/bellhop_ledger/migrations/versions"
REVISION = re.compile(r'^revision = "(\d{4})"\ndown_revision = (?:"(\d{4})"|None)$', re.MULTILINE)


def faults(folder: Path) -> list[str]:
    """Return in words what is wrong with the migrations of a folder, in the order of their names."""
    files = sorted(folder.glob("[0-9]*.py"))
    numbers = [None, *(f"{place:04}" for place in range(1, len(files) + 1))]
    return [
        f"{file.name}: as the next one it is called {number}_..., revision = {number!r} and down_revision = {before!r}"
        for file, (before, number) in zip(files, pairwise(numbers), strict=True)
        if (file.name[:4], _said(file)) != (number, (number, before))
    ]


def _said(file: Path) -> tuple[str | None, ...]:
    said = REVISION.search(file.read_text())
    return said.groups() if said else ()


if __name__ == "__main__":
    sys.exit("\n".join(faults(FOLDER)) or None)
