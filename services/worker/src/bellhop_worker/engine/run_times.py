"""Run times of the bodies that this process runs, stored for all others every few seconds."""

import time
from collections import Counter
from collections.abc import Iterable

from sqlalchemy.exc import SQLAlchemyError

from bellhop_ledger.platform.log import get_logger
from bellhop_ledger.platform.policies import RunTime
from bellhop_ledger.platform.statements import autocommit
from bellhop_ledger.tasks.run_times import note

log = get_logger(__name__)

PERIOD = 2.0
"""Seconds between two notes of one process."""
WEIGHT = 0.02
"""Of the newest run, beside those before it: one that was held up for a moment says little."""


class RunTimes:
    """A moving mean for each task, and how far its runs are from it."""

    def __init__(self) -> None:
        self._known: dict[str, RunTime] = {}
        self._runs: Counter[str] = Counter()
        self._changed: set[str] = set()
        self._noted_at = time.monotonic() - PERIOD  # what is short is known as short at once

    def add(self, task: str, runs: Iterable[float]) -> None:
        """Take in how long these runs took (seconds)."""
        for seconds in runs:
            self._runs[task] += 1
            if self._runs[task] == 1:
                continue  # it has loaded what the task needs, which takes longer than many a task
            weight = max(WEIGHT, 1 / self._runs[task])
            before = self._known.get(task, RunTime(seconds, seconds))
            off = abs(seconds - before.mean)
            mean = before.mean + weight * (seconds - before.mean)
            self._known[task] = RunTime(mean, before.deviation + weight * (off - before.deviation))
            self._changed.add(task)

    def note_if_due(self) -> None:
        """Store what is new. It is no harm if that fails: the next note has it, too."""
        if not self._changed or time.monotonic() - self._noted_at < PERIOD:
            return
        self._noted_at = time.monotonic()
        try:
            with autocommit() as db:
                note(db, {task: self._known[task] for task in self._changed})
            self._changed.clear()
        except SQLAlchemyError as error:
            log.warning("run_times_not_noted", error=repr(error)[:300])
