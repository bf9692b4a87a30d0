"""The scheduler class that celery beat runs."""

import time
from contextlib import suppress
from typing import Any

import psycopg2
from celery import beat
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError

from bellhop_ledger.ledger.due import UNSENT
from bellhop_ledger.platform import gc_tuning
from bellhop_ledger.platform import log as logs
from bellhop_ledger.platform.database import engine
from bellhop_ledger.platform.metrics import exposition
from bellhop_scheduler.broker import Broker
from bellhop_scheduler.counting import Counter
from bellhop_scheduler.leader import LONGEST_SILENCE, Leader
from bellhop_scheduler.maintenance import Maintenance
from bellhop_scheduler.measurer import Measurer
from bellhop_scheduler.readings import Readings
from bellhop_scheduler.settings import SchedulerSettings

log = logs.get_logger(__name__)

LONGEST_SLEEP = 0.5
"""Seconds after which it looks anyway: a notification may be lost, and nobody announces when maintenance is due."""
STANDBY_SLEEP = 0.5
PAUSE_AFTER_FAULT = 1.0


class LedgerScheduler(beat.Scheduler):  # type: ignore[misc]
    """A beat scheduler without entries: each tick asks the ledger what is due and sends all of it."""

    def __init__(self, *args: Any, **kwargs: Any):
        self._settings = SchedulerSettings.load()
        event.listen(engine(), "connect", limit_silence)
        self._broker = Broker()
        self._maintenance = Maintenance(self._broker, self._settings)
        self._leader = Leader()
        self._leading: bool | None = None
        self._readings = Readings()
        if self._settings.metrics_port:
            self._expose()
        Counter(lambda: self._readings.leading).start()
        super().__init__(*args, **kwargs)
        gc_tuning.freeze_gc()

    def _expose(self) -> None:
        exposition.add(self._readings)
        Measurer(self._readings).start()
        exposition.serve()

    def setup_schedule(self) -> None:
        """Load nothing: what is due is in the ledger."""

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Do what is due and sleep until something is. A fault is logged, and the loop goes on."""
        self._settings.heartbeat_file.touch()
        try:
            self._turn()
        except (SQLAlchemyError, psycopg2.Error) as error:
            log.warning("database_away", error=repr(error)[:500])
            self._note(postgres_up=False)
            time.sleep(PAUSE_AFTER_FAULT)
        return 0.0

    def _turn(self) -> None:
        before, self._leading = self._leading, None  # not known, should the question fail
        self._leading = self._leader.leads()
        if self._leading != before:
            log.info("scheduler_leads" if self._leading else "scheduler_stands_by")
            self._maintenance.begin()
            if not self._leading:
                self._maintenance.leave()
        self._note(postgres_up=True)
        if not self._leading:
            time.sleep(STANDBY_SLEEP)
            return
        self._maintenance.do_due()
        if UNSENT in self._leader.sleep(self._maintenance.sleep(LONGEST_SLEEP)):
            self._maintenance.expect_announced()

    def _note(self, *, postgres_up: bool) -> None:
        """Set the gauges of this scheduler."""
        self._readings.turned_at = time.time()
        self._readings.leading, self._readings.postgres_up = bool(self._leading), postgres_up
        self._readings.redis_up, self._readings.unserved = self._broker.up, self._broker.unserved.messages

    def close(self) -> None:
        """Let another scheduler lead, and remove the heartbeat: one that was stopped is not missing."""
        self._leader.resign()
        with suppress(SQLAlchemyError):
            self._maintenance.leave()

    @property
    def info(self) -> str:
        """What beat prints at its start."""
        return ""


def limit_silence(connection: psycopg2.extensions.connection, *_: object) -> None:
    """Make the server roll back a transaction in which this process falls silent: another one waits for its rows."""
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f"SET idle_in_transaction_session_timeout = '{LONGEST_SILENCE}s'")
    connection.autocommit = False
