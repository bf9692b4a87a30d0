"""SQL: how often the ledger spells out that a job is queued again."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bench.measure.figure import Figure
from bench.measure.rooms import rooms

LEDGERS = ("bellhop_ledger", "bellhop")
"""The package with the ledger, by its names: the newest that is there counts."""
UPDATE = re.compile(r'\bUPDATE jobs\b(.*?)(?:\bFROM\b|\bWHERE\b|""")', re.DOTALL)
QUEUED = re.compile(r"\bstate = (?:'queued'|CASE\b[^,]*?'queued')")


def back_to_queued() -> Iterator[Figure]:
    """Count the UPDATEs that write the state `queued` in words of their own."""
    room = next(room for name in LEDGERS for room in rooms() if room.name == name)
    found = {module.name: number for module in room.modules() if (number := spellings(module))}
    detail = ", ".join(f"{number} in {name}" for name, number in Counter(found).most_common())
    yield Figure('spellings of "back to queued" in SQL', sum(found.values()), 1, detail)


def spellings(module: Path) -> int:
    """Return how often a module of the ledger does so."""
    if "ledger" not in module.parts:
        return 0
    return sum(len(QUEUED.findall(update)) for update in UPDATE.findall(module.read_text()))
