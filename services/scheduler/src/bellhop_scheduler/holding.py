"""Holding: queued jobs that a hold covers are blocked, and those of a hold that is over are queued and sent."""

import time
from uuid import UUID

from bellhop_ledger.ledger import holds
from bellhop_ledger.ledger.holds import Over
from bellhop_ledger.ledger.tables import PEOPLE
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.log import get_logger
from bellhop_ledger.schedules import pausing
from bellhop_scheduler.broker import Broker

log = get_logger(__name__)

MOST_AT_ONCE = 1_000
ROUNDS = 10
"""How often one takes so many before the others have their turn."""
REST = 20
"""A look at everything that is queued is followed by a rest of so many times its length.

Nothing depends on how soon it comes: no job is claimed that a hold covers.
"""
BEGINNING = UUID(int=0)


class Holding:
    """Applies the holds, in pieces. Two schedulers may do so at once: each passes over the rows of the other."""

    def __init__(self, broker: Broker):
        self._broker = broker
        self._after, self._spent, self._rests_until = BEGINNING, 0.0, 0.0

    def apply(self) -> None:
        """Block what is covered, queue what no longer is, and forget the holds that are over."""
        self._resume_schedules()
        self._block()
        self._release()
        with transaction() as db:
            ended = holds.forget_ended(db)
        for kind, name in ended:
            log.info("hold_ended", kind=kind, name=name)

    def _resume_schedules(self) -> None:
        with transaction() as db:
            resumed = pausing.resume_due(db, MOST_AT_ONCE)
        for id in resumed:
            log.info("schedule_resumed", schedule_id=str(id))

    def _block(self) -> None:
        began = time.monotonic()
        if began < self._rests_until:
            return
        blocked, whole = self._block_some()
        self._spent += time.monotonic() - began
        if blocked:
            log.info("jobs_blocked", jobs=blocked)
        if whole:
            self._rests_until = time.monotonic() + REST * self._spent
            self._after, self._spent = BEGINNING, 0.0

    def _block_some(self) -> tuple[int, bool]:
        """Block some, go on behind them at the next call, and return their number and whether all were looked at."""
        blocked = 0
        for _ in range(ROUNDS):
            with transaction() as db:
                ids = holds.block(db, self._after, MOST_AT_ONCE)
            blocked += len(ids)
            if len(ids) < MOST_AT_ONCE:
                return blocked, True
            self._after = ids[-1]
        return blocked, False

    def _release(self) -> None:
        with transaction() as db:
            over = holds.over(db)
        for ended in over:
            self._release_from(ended)

    def _release_from(self, ended: Over) -> None:
        for _ in range(ROUNDS):
            with transaction() as db:
                seen, jobs = holds.release(db, ended, MOST_AT_ONCE)
            self._broker.send([job for job in jobs if job.queue != PEOPLE])
            if jobs:
                log.info("jobs_released", jobs=len(jobs), from_hold=ended.target)
            if seen < MOST_AT_ONCE:
                return
