"""Lateness: the time from the moment at which a run is due until its message lies in Redis, where a worker can take it.

A watcher asks Redis a thousand times a second how long the queue is, so nothing takes part in what is measured.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import quantiles

import redis

LOOK_EVERY = 0.001


@dataclass(frozen=True)
class Lateness:
    """How late so many runs were; those that had not come when the watcher gave up are missing."""

    wanted: int
    milliseconds: list[float]
    gave_up_after: float

    @property
    def complete(self) -> bool:
        """Whether all of them came."""
        return len(self.milliseconds) == self.wanted

    @property
    def remark(self) -> str:
        """Return what is missing."""
        return f"gave up after {self.gave_up_after:.0f} s: {len(self.milliseconds):,} of {self.wanted:,}"

    @property
    def median(self) -> float:
        """The middle one."""
        return self._cuts[49]

    @property
    def p99(self) -> float:
        """The 99th percentile."""
        return self._cuts[98]

    @property
    def slowest(self) -> float:
        """The last one."""
        return max(self.milliseconds)

    @property
    def _cuts(self) -> list[float]:
        return quantiles(self.milliseconds, n=100, method="inclusive")


def watch(client: redis.Redis, queue: str, moments: Sequence[float], patience: float) -> Lateness:
    """Wait for the messages of runs that are due at these moments (Unix seconds), at most so long after the last."""
    late: list[float] = []
    deadline = moments[-1] + patience
    time.sleep(max(moments[0] - time.time() - 0.1, 0))
    while len(late) < len(moments) and time.time() < deadline:
        there = int(client.llen(queue))
        now = time.time()
        late += [(now - at) * 1000 for at in moments[len(late) : there]]
        time.sleep(LOOK_EVERY)
    return Lateness(len(moments), late, patience)
