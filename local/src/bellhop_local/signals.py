"""Ctrl-C and its kin, turned into questions that the supervisor asks when it has a moment."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
BOUNCE = 0.5
"""Seconds: one Ctrl-C may reach us twice, by the terminal and by the program that started us."""


class Signals:
    """Whether a stop was asked for, and whether somebody cannot wait for its end."""

    def __init__(self) -> None:
        self._asked_at: float | None = None
        self._hurried = False

    @property
    def stop_requested(self) -> bool:
        """Whether any of the signals came."""
        return self._asked_at is not None

    def is_hurried(self) -> bool:
        """Whether Ctrl-C came again."""
        return self._hurried

    @contextmanager
    def caught(self) -> Iterator[None]:
        """Note the signals instead of dying of them."""
        before = {number: signal.signal(number, self._note) for number in STOPPING}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _note(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if self._asked_at is None:
            self._asked_at = now
        elif number == signal.SIGINT and now - self._asked_at > BOUNCE:
            self._hurried = True
