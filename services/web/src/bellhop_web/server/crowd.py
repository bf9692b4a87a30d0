"""The crowd: all connections of a process. Those that wait for their client make room for others, the oldest first."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Lock
from typing import Any


@dataclass
class Watch:
    """What a connection without a thread is waited with for."""

    until: float
    """When the waiting ends."""
    late: Callable[[Any], None]
    """What happens then."""
    event: int
    """What the poller looks for; 0: nothing, it stands in a queue."""


class Crowd:
    """Who is connected, by address, and who of them waits. A connection has its address as `who`."""

    def __init__(self, most: int, most_each: int):
        self._most, self._most_each = most, most_each
        self._number = 0
        self._numbers: Counter[str] = Counter()
        self._waiting: dict[Any, Watch] = {}
        self._waiting_of: defaultdict[str, dict[Any, None]] = defaultdict(dict)

    def __contains__(self, conn: Any) -> bool:
        return conn in self._waiting

    def __getitem__(self, conn: Any) -> Watch:
        return self._waiting[conn]

    def __iter__(self) -> Iterator[tuple[Any, Watch]]:
        return iter(list(self._waiting.items()))

    def enter(self, who: str) -> None:
        """Count a connection of this address."""
        self._number += 1
        self._numbers[who] += 1

    def leave(self, who: str) -> None:
        """Count one less."""
        self._number -= 1
        self._numbers[who] -= 1
        if not self._numbers[who]:
            del self._numbers[who]

    def wait(self, conn: Any, watch: Watch) -> None:
        """Let it wait from now on."""
        self._waiting[conn] = watch
        self._waiting_of[conn.who][conn] = None

    def take(self, conn: Any) -> Watch | None:
        """Stop waiting; return what it waited with, if it did."""
        if watch := self._waiting.pop(conn, None):
            del self._waiting_of[conn.who][conn]
            if not self._waiting_of[conn.who]:
                del self._waiting_of[conn.who]
        return watch

    def is_full(self, who: str) -> bool:
        """Whether somebody must go: this address has more connections than one may have, or all have too many."""
        return self._has_too_many(who) or self._number > self._most

    def oldest(self, who: str) -> Any | None:
        """Return what has waited longest: of this address, if it has more than it may have, or else of all."""
        among = self._waiting_of.get(who, {}) if self._has_too_many(who) else self._waiting
        return next(iter(among), None)

    def _has_too_many(self, who: str) -> bool:
        return self._numbers[who] > self._most_each


class Shares:
    """Places that few connections may hold at once, and each address only some of them."""

    def __init__(self, most: int, most_each: int):
        self._most, self._most_each = most, most_each
        self._taken: Counter[str] = Counter()
        self._lock = Lock()

    def take(self, who: str) -> bool:
        """Take a place, if there is one for this address."""
        with self._lock:
            free = self._taken.total() < self._most and self._taken[who] < self._most_each
            self._taken[who] += free
            return free

    def give_back(self, who: str) -> None:
        """Release a place."""
        with self._lock:
            self._taken[who] -= 1
            if not self._taken[who]:
                del self._taken[who]
