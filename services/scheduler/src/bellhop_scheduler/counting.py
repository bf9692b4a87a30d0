"""Counting: each minute that is over is counted, and once more when nothing can be added to it any more.

In a thread of its own, because the firing of schedules must not wait for it.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Thread

from sqlalchemy.exc import SQLAlchemyError

from bellhop_ledger.ledger.counting import rollup
from bellhop_ledger.ledger.counting.rollup import HOUR, MINUTE, Place
from bellhop_ledger.platform.database import statement_timeout, transaction
from bellhop_ledger.platform.log import get_logger

log = get_logger(__name__)

PERIOD = 10.0
"""Seconds from one turn to the next, and so the age of what is shown of the present minute."""
SHARE = 1.0
"""Seconds of one turn."""
REST, REST_WHEN_BEHIND = 20, 4
"""Postgres is left alone for so many times the duration of a turn: it takes a twentieth of a CPU, or a fifth."""
LONGEST_WAIT = timedelta(days=1)
"""A transaction that stays open for longer is not waited for: what it would write late is not counted."""
QUICK, SLOW = 0.25, 1.0
"""Seconds: after a piece that took less the next one may be longer, and after one that took more it is shorter."""
STATEMENT_TIMEOUT = 60.0
FORGET_EVERY = 3600.0


@dataclass
class Horizon:
    """A moment, and the transactions that were open when it had passed: only they can still write what is before it."""

    until: datetime
    open: frozenset[str]


class Counting:
    """Counts what ended and was submitted, in the order of time, from where the last scheduler has stopped."""

    def __init__(self) -> None:
        self._horizons: list[Horizon] = []
        self._settled: datetime | None = None
        """Nothing is added any more to what is before this moment."""
        self._longest = HOUR
        """Of the pieces that are counted in one transaction."""
        self._forgets_at = 0.0

    def go_on(self) -> bool:
        """Count what there is to count, for a while, and return whether that was all."""
        with transaction() as db:
            rollup.begin(db)
            place = rollup.take(db)
            names = rollup.open_transactions(db)
        if place is None:  # another scheduler counts
            return True
        self._observe(place, names)
        ends = time.monotonic() + SHARE
        final = min(self._settled or place.final_until, place.over)
        done = self._count(place.final_until, final, ends, final=True)
        done = done and self._count(max(place.counted_until, final), place.over, ends, final=False)
        if done:
            self._count_present(place)
            self._forget()
        return done

    def _observe(self, place: Place, names: frozenset[str]) -> None:
        """Note who may still write into the minutes that are over, and for which of these nobody is left."""
        if not self._horizons or self._horizons[-1].until < place.over:
            self._horizons.append(Horizon(place.over, names))
        for horizon in self._horizons:
            horizon.open &= names
            if horizon.open and place.now - horizon.until > LONGEST_WAIT:
                log.warning("counted_without_waiting", until=str(horizon.until), transactions=len(horizon.open))
                horizon.open = frozenset()
        while self._horizons and not self._horizons[0].open:
            self._settled = self._horizons.pop(0).until

    def _count(self, since: datetime, until: datetime, ends: float, *, final: bool) -> bool:
        """Count the minutes of a stretch of time, and return whether there was time for all of them."""
        while since < until:
            if time.monotonic() >= ends:
                return False
            since = self._timed(lambda: count_piece(since, until, self._longest, final=final))  # noqa: B023
        return True

    def _timed(self, call: Callable[[], datetime]) -> datetime:
        began = time.monotonic()
        try:
            with statement_timeout(STATEMENT_TIMEOUT):
                return call()
        finally:
            took = time.monotonic() - began
            factor = 2.0 if took < QUICK else 0.5 if took > SLOW else 1.0
            minutes = round(self._longest / MINUTE * factor)
            self._longest = min(max(minutes, 1) * MINUTE, HOUR)

    def _count_present(self, place: Place) -> None:
        """Count the minute that is not over, as far as it has come."""
        with transaction() as db:
            if rollup.take(db):
                for since, until in rollup.pieces(place.over, place.now, HOUR):
                    rollup.count_minutes(db, since, until)

    def _forget(self) -> None:
        with transaction() as db:
            rollup.forget_ends(db)
            if time.monotonic() >= self._forgets_at:
                rollup.forget_old(db)
                self._forgets_at = time.monotonic() + FORGET_EVERY


def count_piece(since: datetime, until: datetime, longest: timedelta, *, final: bool) -> datetime:
    """Count the first piece of a stretch of time in a transaction of its own, and return where it ended."""
    begin, end = next(rollup.pieces(since, until, longest))
    with transaction() as db:
        if rollup.take(db):
            rollup.count_minutes(db, begin, end)
            rollup.sum_up(db, begin)
            rollup.advance(db, counted=end, final=end if final else None)
    return end


class Counter:
    """The thread that counts while this scheduler leads."""

    def __init__(self, leads: Callable[[], bool]):
        self._leads = leads
        self._counting = Counting()

    def start(self) -> None:
        """Start the thread, which ends with the process."""
        Thread(target=self._run, name="counter", daemon=True).start()

    def _run(self) -> None:
        while True:
            began = time.monotonic()
            done = not self._leads() or self._go_on()
            took = time.monotonic() - began
            time.sleep(max(REST * took, PERIOD) if done else REST_WHEN_BEHIND * took)

    def _go_on(self) -> bool:
        try:
            return self._counting.go_on()
        except SQLAlchemyError as error:
            log.warning("not_counted", error=repr(error)[:300])
        except Exception:
            log.exception("counting_failed")
        return True
