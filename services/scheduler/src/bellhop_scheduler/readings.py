"""Readings: what the scheduler counts, and what it alone measures of the whole system."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from prometheus_client import Counter, Histogram
from prometheus_client.core import GaugeMetricFamily as Gauge
from prometheus_client.registry import Collector

from bellhop_scheduler.measurer import Measure

LATENESS = Histogram(
    "bellhop_schedule_lateness_seconds",
    "How long after its moment the due run of a schedule was made.",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300),
)
RELAYED = Counter("bellhop_unsent_jobs_relayed_total", "Jobs whose message the scheduler sent, for nobody else had.")
ANNOUNCED = Counter(
    "bellhop_announced_jobs_sent_total",
    "Jobs of other applications whose message the scheduler sent at once.",
)
DISABLED = Counter("bellhop_schedules_disabled_total", "Schedules that were disabled, for they cannot be fired.")
STALE = 60.0
"""Seconds after which a measurement is no longer reported: no value is better than an old one."""


def lateness(seconds: list[float]) -> None:
    """Count how late runs were made."""
    for one in seconds:
        LATENESS.observe(one)


@dataclass(eq=False)
class Readings(Collector):
    """The present values of the gauges. Reads memory and one file system only, so a scrape never waits for a server."""

    leading: bool = False
    postgres_up: bool = False
    redis_up: bool = False
    unserved: int = 0
    turned_at: float = field(default_factory=time.time)
    measure: Measure | None = None

    def collect(self) -> Iterator[Gauge]:
        """Yield all of them. A scheduler that stands by reports only itself, so nothing is reported twice."""
        yield plain("bellhop_scheduler_leading", "Whether this scheduler is the one that works.", self.leading)
        yield plain("bellhop_scheduler_turned_timestamp_seconds", "When its loop last turned.", self.turned_at)
        yield plain("bellhop_postgres_up", "Whether this scheduler reaches Postgres.", self.postgres_up)
        yield from disk()
        if not self.leading:
            return
        yield plain("bellhop_redis_up", "Whether the leading scheduler reaches Redis.", self.redis_up)
        yield plain("bellhop_unserved_messages", "Messages of tasks in queues that no worker serves.", self.unserved)
        measure = self.measure
        if measure is not None and time.monotonic() - measure.taken_at < STALE:
            yield from gauges(measure)


def gauges(measure: Measure) -> Iterator[Gauge]:
    """Yield what was measured."""
    depth = Gauge("bellhop_queue_depth", "Jobs that wait in a queue, at most 100,000.", labels=["queue"])
    oldest = Gauge("bellhop_queue_oldest_seconds", "How long its oldest job has waited, or 0.", labels=["queue"])
    workers = Gauge("bellhop_workers_alive", "Workers that live and serve a queue.", labels=["queue"])
    for one in measure.queues:
        depth.add_metric([one.queue], one.depth)
        oldest.add_metric([one.queue], one.oldest)
        workers.add_metric([one.queue], one.workers)
    yield from (depth, oldest, workers)
    yield plain("bellhop_jobs_running", "Jobs that run under a lease.", measure.running)
    yield plain("bellhop_jobs_blocked", "Jobs that wait for the end of a pause, at most 100,000.", measure.blocked)
    yield plain("bellhop_unsent_jobs", "Queued jobs without a message, at most 10,000.", measure.unsent)
    yield plain("bellhop_unsent_oldest_seconds", "How long the oldest of them has waited.", measure.unsent_oldest)
    yield plain("bellhop_worker_processes", "Processes of all living workers.", measure.processes)
    yield plain("bellhop_worker_processes_busy", "Those of them that run a job.", measure.busy)
    yield plain("bellhop_unexported_days", "Days that are over and wait for their export.", measure.unexported)
    yield plain("bellhop_database_bytes", "Size of the database.", measure.database_bytes)
    yield plain("bellhop_measure_seconds", "How long it took to ask Postgres for these.", measure.seconds)


def disk() -> Iterator[Gauge]:
    """Return the state of the file system under this process: in a container the one of Docker's images and volumes."""
    space = os.statvfs("/")
    yield plain("bellhop_disk_bytes", "Size of the file system under the scheduler.", space.f_blocks * space.f_frsize)
    yield plain("bellhop_disk_free_bytes", "Free bytes of it.", space.f_bavail * space.f_frsize)


def plain(name: str, help: str, value: float) -> Gauge:
    """Make a gauge without labels."""
    return Gauge(name, help, value=float(value))
