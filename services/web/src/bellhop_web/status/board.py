"""The board: the status of the moment, read once for all who look, however many they are."""

import time
from threading import Lock

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.log import get_logger
from bellhop_web.site.format import plural
from bellhop_web.status.failing import failing
from bellhop_web.status.history import History
from bellhop_web.status.parts import Part, Severity, Status, Subject
from bellhop_web.status.runs import overdue, schedules
from bellhop_web.status.seen import Seen, look, many
from bellhop_web.status.services import services
from bellhop_web.status.waiting import paused, waiting

log = get_logger(__name__)

EVERY = 5.0
"""Seconds after which it is read again."""
FRESH = 4.0
"""Seconds for which what was read is shown to everybody: a little less than the live line's period."""


def read(db: Session, history: History | None = None) -> Status:
    """Read what is wrong. The database may take 2 s for each statement."""
    db.execute(text("SET LOCAL statement_timeout = '2s'"))
    seen = look(db)
    parts = [
        *services(db, seen),
        *failing(db, seen.now, history or History()),
        *schedules(db, seen.now),
        *(overdue(db, seen.now) if seen.alive("scheduler") else ()),
        *(waiting(seen) if seen.alive("worker") else ()),
        *paused(db),
    ]
    if all(part.severity is Severity.GOOD for part in parts):
        parts = [_all_is_well(seen, parts)]
    return Status.of(parts)


def _all_is_well(seen: Seen, parts: list[Part]) -> Part:
    workers, a_minute = len(seen.alive("worker")), round(seen.a_minute)
    waits = "job waits" if seen.waiting == 1 else "jobs wait"
    calm = f"{many(seen.waiting)} {waits}" if seen.waiting else "nothing waits"
    drains = f"; {parts[0].words}" if parts else ""
    return Part(
        kind=Subject.WELL,
        severity=Severity.GOOD,
        words=f"All is well: {plural(workers, 'worker')}, {plural(a_minute, 'job')} a minute, {calm}{drains}",
        short="All is well",
        link="/dashboard",
        count=a_minute,
    )


def _unknown() -> Status:
    words = "What is wrong cannot be read; the log of web says why"
    link = "/dashboard"
    return Status.of(
        [Part(kind=Subject.DATABASE, severity=Severity.BAD, words=words, short="Status unknown", link=link)]
    )


class Board:
    """What was read last, and when. While one thread reads it anew, the others show what is known."""

    def __init__(self) -> None:
        self._reading = Lock()
        self._status: Status | None = None
        self._read_at = 0.0
        self._history = History()

    def status(self) -> Status:
        """Return the status, at most so old as FRESH says where the database answers."""
        if self._status is not None and not self._is_old():
            return self._status
        if self._reading.acquire(blocking=self._status is None):
            try:
                if self._is_old():
                    self._read()
            finally:
                self._reading.release()
        assert self._status is not None
        return self._status

    def _is_old(self) -> bool:
        return self._status is None or time.monotonic() - self._read_at > FRESH

    def _read(self) -> None:
        try:
            with transaction() as db:
                self._status = read(db, self._history)
        except SQLAlchemyError as error:
            log.warning("status_not_read", error=repr(error)[:300])
            self._status = _unknown()
        except Exception:  # the line is on every page, and must break none
            log.exception("status_not_read")
            self._status = _unknown()
        self._read_at = time.monotonic()
