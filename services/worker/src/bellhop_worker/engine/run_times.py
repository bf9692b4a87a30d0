"""Run times of the bodies that this process runs, told to all others every few seconds."""

import time
from collections.abc import Iterable

from sqlalchemy.exc import SQLAlchemyError

from bellhop_ledger.platform.log import get_logger
from bellhop_ledger.platform.statements import autocommit
from bellhop_ledger.tasks.run_times import RunTime, note

log = get_logger(__name__)

PERIOD = 2.0
"""Seconds between two notes of one process."""
WEIGHT = 0.1
"""Of the newest run, beside those before it."""


class RunTimes:
    """A moving mean for each task, and how far its runs are from it."""

    def __init__(self) -> None:
        self._known: dict[str, RunTime] = {}
        self._changed: set[str] = set()
        self._noted_at = time.monotonic() - PERIOD  # what is short is known as short at once

    def add(self, task: str, runs: Iterable[float]) -> None:
        """Take in how long these runs took (seconds)."""
        for seconds in runs:
            before = self._known.get(task, RunTime(seconds, seconds / 2))
            off = abs(seconds - before.mean)
            mean = before.mean + WEIGHT * (seconds - before.mean)
            self._known[task] = RunTime(mean, before.deviation + WEIGHT * (off - before.deviation))
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
