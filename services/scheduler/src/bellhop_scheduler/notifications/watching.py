"""Watching: rounds over all rules, in pieces, so that what is due never waits for them."""

import time
from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import func, select

from bellhop_ledger.notifications import incidents
from bellhop_ledger.notifications.rules import all_rules
from bellhop_ledger.notifications.tables import NotificationRule
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.log import get_logger
from bellhop_scheduler.notifications import failing, late_queues, late_schedules
from bellhop_scheduler.recheck import SHARE

log = get_logger(__name__)

EVERY = 2.0
"""Seconds between two rounds."""
REST = 20
"""After a round the next one waits for so many times its length: it takes at most a twentieth of a CPU."""
OVER = object()


class Watching:
    """Looks at what the rules watch, each piece in a transaction of its own.

    All of it follows from what is stored, so another scheduler goes on where this one was killed, and two do no harm.
    """

    def __init__(self) -> None:
        self._pieces = one_round()
        self._spent, self._rests_until = 0.0, 0.0

    def go_on(self) -> None:
        """Look at some more, and begin the next round when its time has come."""
        began = time.monotonic()
        if began < self._rests_until:
            return
        over = next(self._pieces, OVER) is OVER
        while not over and time.monotonic() < began + SHARE:
            over = next(self._pieces, OVER) is OVER
        self._spent += time.monotonic() - began
        if over:
            self._rests_until = time.monotonic() + max(EVERY, REST * self._spent)
            self._pieces, self._spent = one_round(), 0.0


def one_round(now: datetime | None = None) -> Iterator[None]:
    """Look at everything once. The clock is the database's unless one is given."""
    with transaction() as db:
        now = now or db.scalars(select(func.now())).one()
        rules = all_rules(db)
        db.expunge_all()
    if rules:
        yield from _noticed(rules, now)
        yield from _reported(now)


def _noticed(rules: Sequence[NotificationRule], now: datetime) -> Iterator[None]:
    yield from failing.notice(rules, now)
    yield from failing.notice_recovered(now)
    yield from late_queues.notice(rules, now)
    yield from late_schedules.notice(rules, now)
    yield from late_schedules.notice_recovered(rules, now)


def _reported(now: datetime) -> Iterator[None]:
    reported = incidents.MOST_AT_ONCE
    while reported == incidents.MOST_AT_ONCE:
        with transaction() as db:
            reported = incidents.report_pending(db, now)
        if reported:
            log.info("incidents_reported", incidents=reported)
        yield
