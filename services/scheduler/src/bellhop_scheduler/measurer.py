"""Measure: the state of the whole system, asked of Postgres once, by the scheduler that leads."""

import time
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING, Any

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bellhop_ledger.broker.celery_app import QUEUES
from bellhop_ledger.ledger.heartbeats import LATE
from bellhop_ledger.ledger.retention import exported_days
from bellhop_ledger.ledger.tables import PEOPLE
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.log import get_logger
from bellhop_ledger.tasks.known import known_tasks
from bellhop_scheduler.settings import SchedulerSettings

if TYPE_CHECKING:
    from bellhop_scheduler.readings import Readings

log = get_logger(__name__)

PERIOD = 5.0
REST = 20
"""Postgres is left alone for so many times the duration of a measurement: it takes at most a twentieth of a CPU."""
MOST, MOST_UNSENT = 100_000, 10_000

# Each part reads a partial index (jobs_waiting_idx, jobs_queued_idx, jobs_running_idx) and stops at a limit;
# the oldest job is the first entry of its queue, however many wait behind it.
MEASURE = text("""
    SELECT q.queue,
           (SELECT count(*) FROM (
                SELECT FROM unfinished_jobs WHERE state = 'queued' AND queue = q.queue LIMIT :most) AS part) AS depth,
           coalesce((SELECT CAST(extract(epoch FROM now() - min(queued_at)) AS float8) FROM unfinished_jobs
                     WHERE state = 'queued' AND queue = q.queue), 0) AS oldest,
           (SELECT count(*) FROM heartbeats
            WHERE service = 'worker' AND seen_at > now() - make_interval(secs => :late) AND draining_since IS NULL
               AND q.queue = ANY(regexp_split_to_array(queues, '\\s*,\\s*'))) AS workers
    FROM unnest(CAST(:queues AS text[])) AS q(queue)
""")
WHOLE = text("""
    SELECT unsent.number AS unsent, coalesce(unsent.oldest, 0) AS unsent_oldest, w.processes, w.busy,
           (SELECT count(*) FROM (SELECT FROM unfinished_jobs WHERE state = 'running' LIMIT :most) AS part) AS running,
           (SELECT count(*) FROM (SELECT FROM unfinished_jobs WHERE state = 'blocked' LIMIT :most) AS part) AS blocked,
           pg_database_size(current_database()) AS database_bytes
    FROM (SELECT count(*) AS number, CAST(extract(epoch FROM now() - min(queued_at)) AS float8) AS oldest
          FROM (SELECT queued_at FROM unfinished_jobs
                WHERE state = 'queued' AND published_at IS NULL AND queue <> :people LIMIT :most_unsent) AS part
         ) AS unsent,
         (SELECT coalesce(sum(processes), 0) AS processes, coalesce(sum(busy), 0) AS busy FROM heartbeats
          WHERE service = 'worker' AND seen_at > now() - make_interval(secs => :late)) AS w
""")


@dataclass(frozen=True)
class Queue:
    """One queue: how many wait, for how long, and who serves it."""

    queue: str
    depth: int
    oldest: float
    workers: int


@dataclass(frozen=True)
class Measure:
    """What Postgres answered."""

    queues: list[Queue]
    running: int
    blocked: int
    unsent: int
    unsent_oldest: float
    processes: int
    busy: int
    database_bytes: int
    unexported: int
    taken_at: float
    seconds: float


def measure(db: Session) -> Measure:
    """Measure. A database that takes longer than 2 s is not asked any further."""
    began = time.monotonic()
    db.execute(text("SET LOCAL statement_timeout = '2s'"))
    queues = sorted({*QUEUES, *(task.queue for task in known_tasks().values())})
    rows = db.execute(MEASURE, {"queues": queues, "most": MOST, "late": LATE})
    parts = [Queue(**row) for row in rows.mappings()]
    whole: dict[str, Any] = dict(
        db.execute(WHOLE, {"most": MOST, "most_unsent": MOST_UNSENT, "late": LATE, "people": PEOPLE}).mappings().one()
    )
    waiting = exported_days.unexported(db) if SchedulerSettings.load().export_ended_jobs_to else []
    now = time.monotonic()
    return Measure(parts, **whole, unexported=len(waiting), taken_at=now, seconds=now - began)


class Measurer:
    """Measures every few seconds while this scheduler leads, in a thread: firing must not wait for it."""

    def __init__(self, readings: "Readings"):
        self._readings = readings

    def start(self) -> None:
        """Start the thread, which ends with the process."""
        Thread(target=self._run, name="measurer", daemon=True).start()

    def _run(self) -> None:
        while True:
            began = time.monotonic()
            if self._readings.leading:
                self._measure()
            time.sleep(max(PERIOD, REST * (time.monotonic() - began)))

    def _measure(self) -> None:
        try:
            with transaction() as db:
                self._readings.measure = measure(db)
        except SQLAlchemyError as error:
            log.warning("system_not_measured", error=repr(error)[:300])
        except Exception:
            log.exception("measure_failed")
