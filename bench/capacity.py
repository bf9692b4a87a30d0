"""What a job costs to have: disk, WAL, Redis, backup, and how fast it is deleted; and what each process weighs."""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from bellhop.signature import Signature
from bellhop_local.backup import backup, restore
from bench.drain import PATIENCE, enqueue
from bench.figures import Figures, Plan
from bench.ground import Ground
from tests.stack import wait_until

BYTES, RATE, MEGABYTES, CONNECTIONS = "bytes/job", "jobs/s", "MB", "connections to Postgres"
KEPT = "a finished job without arguments: {}"
AS_IN_COMPOSE = ("wal_compression = on", "max_wal_size = '2GB'", "checkpoint_timeout = '15min'")
"""Settings of compose/postgres/postgresql.conf that change what is written."""


def measure(ground: Ground, plan: Plan) -> Figures:
    """Run jobs through the whole system once and weigh what is left."""
    from tests.tasks import signatures

    figures = Figures(f"Capacity, {plan.jobs:,} jobs without arguments")
    for setting in AS_IN_COMPOSE:
        ground.sql(f"ALTER SYSTEM SET {setting}")
    ground.sql("SELECT pg_reload_conf()")
    _weigh_processes(ground, figures)
    for name, signature in {"1 job": signatures.noop, "100 jobs": signatures.noop_batch}.items():
        _weigh_messages(ground, figures, name, signature, plan.jobs)
        _weigh_wal(ground, figures, name, signature, plan.jobs)
    _weigh_rows(ground, figures, plan.jobs)
    with tempfile.TemporaryDirectory() as folder:
        file = _time_backup(ground, figures, plan.jobs, Path(folder))
        _time_deletion(ground, figures, plan.jobs)
        _time_restore(ground, figures, plan.jobs, file)
    return figures


def _weigh_processes(ground: Ground, figures: Figures) -> None:
    """Record the memory of each process that is its own or its share (PSS), when it has done some work."""
    from tests.tasks import signatures

    with ground.running("web", "worker", "scheduler"):
        enqueue(signatures.noop, 200)
        wait_until(lambda: ground.all_ended("test.noop"), PATIENCE)
        for name in ("web", "worker", "scheduler"):
            main = psutil.Process(ground.services[name].pid)
            figures.add(f"{name}: its main process", MEGABYTES, _megabytes(main))
            for child in main.children():
                figures.add(f"{name}: each of its other processes", MEGABYTES, _megabytes(child))
            figures.add(f"{name}: open", CONNECTIONS, _connections([main, *main.children()], ground.postgres.port))


def _connections(processes: list[psutil.Process], port: int) -> int:
    """Count the connections of these processes to a port."""
    open_ones = [connection for process in processes for connection in process.net_connections()]
    return sum(bool(one.raddr) and one.raddr.port == port for one in open_ones)


def _megabytes(process: psutil.Process) -> float:
    return float(process.memory_full_info().pss) / 1e6


def _weigh_messages(ground: Ground, figures: Figures, name: str, signature: Signature[[], None], jobs: int) -> None:
    ground.clear()
    enqueue(signature, jobs)
    bytes_used = sum(int(ground.broker.memory_usage(key, samples=0) or 0) for key in ground.broker.scan_iter())
    figures.add(f"Redis, {name} a message", BYTES, bytes_used / jobs)


def _weigh_wal(ground: Ground, figures: Figures, name: str, signature: Signature[[], None], jobs: int) -> None:
    """Record the WAL of a job's whole life, from its receipt to its end."""
    ground.clear()
    ground.sql("CHECKPOINT")
    [(begin,)] = ground.sql("SELECT pg_current_wal_lsn()")
    enqueue(signature, jobs)
    with ground.running("scheduler", "worker", ready=False):
        wait_until(lambda: ground.all_ended(signature.name), PATIENCE)
    [(written,)] = ground.sql("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), %s)", begin)
    figures.add(f"WAL, {name} a message", BYTES, float(written) / jobs)


def _weigh_rows(ground: Ground, figures: Figures, jobs: int) -> None:
    """Record what the jobs of the last benchmark take, as a running system has them, old versions included."""
    ground.sql("VACUUM ANALYZE jobs")
    [(rows, indexes)] = ground.sql(
        "SELECT sum(pg_table_size(relid)), sum(pg_indexes_size(relid)) FROM pg_partition_tree('jobs') WHERE isleaf"
    )
    figures.add(KEPT.format("row"), BYTES, rows / jobs)
    figures.add(KEPT.format("indexes"), BYTES, indexes / jobs)


def _time_backup(ground: Ground, figures: Figures, jobs: int, folder: Path) -> Path:
    with timed(figures, "backed up", jobs):
        file = backup(ground.env, folder)
    figures.add(KEPT.format("in a backup"), BYTES, os.path.getsize(file) / jobs)
    return file


def _time_deletion(ground: Ground, figures: Figures, jobs: int) -> None:
    """Delete them as the scheduler does when their retention is over."""
    from bellhop_ledger.ledger.retention import forget
    from bellhop_ledger.platform.database import transaction
    from bellhop_scheduler.forgetting import leave_day

    day = ground.sql("SELECT add_ended_day(CURRENT_DATE - 2), CURRENT_DATE - 2")[0][1]
    ground.sql("UPDATE jobs SET tier = 1, forget_on = %s WHERE finished_at IS NOT NULL", day)
    with timed(figures, "deleted after their retention", jobs):
        while not leave_day(day):
            pass
        with transaction() as db:
            forget.drop_day(db, day)


def _time_restore(ground: Ground, figures: Figures, jobs: int, file: Path) -> None:
    """Restore the backup, which ends all sessions of the database: nothing can be asked after it."""
    with timed(figures, "restored, with the migration", jobs):
        restore(ground.env, file)


@contextmanager
def timed(figures: Figures, name: str, jobs: int) -> Iterator[None]:
    """Note how many jobs a second the block has done."""
    began = time.monotonic()
    yield
    figures.add(name, RATE, jobs / (time.monotonic() - began))
