"""The scheduler class that celery beat runs."""

from typing import Any

from celery import beat
from sqlalchemy.exc import SQLAlchemyError

from bellhop import log as logs
from bellhop.settings import Settings, modules_of
from bellhop.signatures import load
from bellhop_scheduler.broker import Broker
from bellhop_scheduler.chores import Chores
from bellhop_scheduler.leader import Leader

log = logs.get_logger(__name__)

LONGEST_SLEEP = 0.5
STANDBY_SLEEP = 1.0
PAUSE_AFTER_FAULT = 1.0


class LedgerScheduler(beat.Scheduler):  # type: ignore[misc]
    """A beat scheduler without entries: each tick asks the ledger what is due and sends all of it."""

    def __init__(self, *args: Any, **kwargs: Any):
        self._settings = Settings.load()
        load(modules_of(self._settings.extra_signatures))
        self._chores = Chores(Broker(), self._settings)
        self._leader = Leader()
        self._leading: bool | None = None
        super().__init__(*args, **kwargs)

    def setup_schedule(self) -> None:
        """Load nothing: what is due stands in the ledger."""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Do what is due and give the seconds to sleep. A fault is logged, and the loop lives."""
        self._settings.heartbeat_file.touch()
        try:
            return self._turn()
        except SQLAlchemyError as error:
            log.warning("database_away", error=repr(error)[:500])
            return PAUSE_AFTER_FAULT

    def _turn(self) -> float:
        before, self._leading = self._leading, None  # not known, should the question fail
        self._leading = self._leader.leads()
        if self._leading != before:
            log.info("scheduler_leads" if self._leading else "scheduler_stands_by")
            self._chores.trust_leases()
        if not self._leading:
            return STANDBY_SLEEP
        self._chores.do_due()
        return self._chores.sleep(LONGEST_SLEEP)

    def close(self) -> None:
        """Let another scheduler lead."""
        self._leader.resign()

    @property
    def info(self) -> str:
        """What beat prints at its start."""
        return ""
