"""The alarm: rings when a body's time is up, without the process' one timer, which is left to the body."""

import math
import time
from collections.abc import Callable
from threading import Condition, Thread

NEVER = math.inf


class Alarm:
    """A thread that calls `ring` at a moment of the monotonic clock; a later moment does not wake it."""

    def __init__(self, ring: Callable[[], None]):
        self._ring = ring
        self._changed = Condition()
        self._at = self._wakes_at = NEVER

    def start(self) -> None:
        """Start the thread, which ends with the process."""
        Thread(target=self._run, name="alarm", daemon=True).start()

    def set(self, at: float) -> None:
        """Ring at this moment and at no other."""
        with self._changed:
            self._at = at
            if at < self._wakes_at:
                self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                while (left := self._at - time.monotonic()) > 0:
                    self._wakes_at = self._at
                    self._changed.wait(left if left < NEVER else None)
                self._at = NEVER
            self._ring()
