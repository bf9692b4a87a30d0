"""What every scheduler is given beside its stored schedules: one due at once, some due alone, and many due together.

The schedules of peers are intervals of a year, and when one is due is said by its last run: a year before.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

YEAR = timedelta(days=365)
ALONE, APART = 20, 0.25
"""How many are due one at a time, and how many seconds lie between them."""


@dataclass(frozen=True)
class Entry:
    """One schedule that will be due. Its task is called as the queue in which its messages are counted."""

    name: str
    task: str
    at: float
    """Unix seconds."""

    @property
    def last_run(self) -> datetime:
        """The run before."""
        return datetime.fromtimestamp(self.at, UTC) - YEAR


TASKS = ("canary", "alone", "together")
ROUTES = {task: {"queue": task} for task in TASKS}


def moments_alone(first: float) -> list[float]:
    """Return the moments at which one is due."""
    return [first + place * APART for place in range(ALONE)]


def wanted() -> Iterator[Entry]:
    """Yield what the environment asks for: BENCH_ALONE_AT, BENCH_TOGETHER_AT (Unix seconds), BENCH_TOGETHER."""
    yield Entry("canary", "canary", 0.0)
    for place, at in enumerate(moments_alone(float(os.environ["BENCH_ALONE_AT"]))):
        yield Entry(f"alone-{place}", "alone", at)
    for place in range(int(os.environ["BENCH_TOGETHER"])):
        yield Entry(f"together-{place}", "together", float(os.environ["BENCH_TOGETHER_AT"]))


def stored() -> range:
    """Number the schedules that are stored and not due: BENCH_STORED."""
    return range(int(os.environ["BENCH_STORED"]))
