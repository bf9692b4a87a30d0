"""SQL: how often the ledger spells out that a job is queued again."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from bench.measure.figure import Figure
from bench.measure.rooms import rooms

LEDGERS = ("bellhop_ledger", "bellhop")
"""The package with the ledger, by its names: the newest that is there counts."""
QUEUED = re.compile(r"""(?:\bSET|,|^)\s+state = (?:'queued'|f?"?CASE\b[^,]*?'queued')""", re.MULTILINE)
"""An assignment, in SQL or of the text of one."""


def back_to_queued() -> Iterator[Figure]:
    """Count the places that write the state `queued` in words of their own."""
    room = next(room for name in LEDGERS for room in rooms() if room.name == name)
    found = {module.name: number for module in room.modules() if (number := spellings(module))}
    detail = ", ".join(f"{number} in {name}" for name, number in Counter(found).most_common())
    yield Figure('spellings of "back to queued" in SQL', sum(found.values()), 1, detail)


def spellings(module: Path) -> int:
    """Return how often a module of the ledger does so."""
    return len(QUEUED.findall(module.read_text())) if module.parent.name == "ledger" else 0
