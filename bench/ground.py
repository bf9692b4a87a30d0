"""The ground on which all is measured: two durable servers, Bellhop's services, and those of plain Celery."""

import os
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
import psycopg2
import redis

from bellhop_ledger.platform.settings import Settings
from bellhop_local.process import Child
from bellhop_local.servers.postgres import Postgres
from bellhop_local.servers.redis import Redis
from tests.stack import Stack, wait_until

PLAIN_DATABASE = 1
"""The number of Redis' database that plain Celery has for itself."""
PLAIN_WORKER = ["celery", "-A", "bench.peers.celery_app", "worker", "--pool=prefork", "--concurrency=2"]


class Ground(Stack):
    """A stack whose servers write to disk, with the product's own settings."""

    def __init__(self, directory: Path):
        super().__init__(directory, LEASE_SECONDS="15", MESSAGE_GRACE_SECONDS="30", LOG_LEVEL="WARNING")
        self.postgres = Postgres(directory / "postgres")  # not throwaway: fsync and full_page_writes stay on
        self.redis = Redis(directory / "redis")
        self._session: psycopg2.extensions.connection | None = None

    @property
    def plain_redis_url(self) -> str:
        """Where plain Celery has its messages and results."""
        return self.redis.url.removesuffix("/0") + f"/{PLAIN_DATABASE}"

    @property
    def env(self) -> dict[str, str]:
        """The settings of services, Bellhop's and the others."""
        return {
            **super().env,
            "PLAIN_REDIS_URL": self.plain_redis_url,
            "PLAIN_DATABASE_URL": self.postgres.url,
            "FLOWER_UNAUTHENTICATED_API": "true",
        }

    def start(self, *services: str) -> "Ground":
        """Start the servers, and tie the code in this process to them."""
        super().start(*services)
        self.sql("GRANT CREATE ON DATABASE bellhop TO bellhop_app")  # a peer keeps its schedules in a schema of its own
        self.sql("CREATE TABLE plain_jobs (id uuid PRIMARY KEY, task text NOT NULL, args jsonb NOT NULL)")
        os.environ |= {name: value for name, value in self.env.items() if name.endswith("_URL") or name == "APP_ENV"}
        Settings.load.cache_clear()
        self.plain: redis.Redis = redis.Redis.from_url(self.plain_redis_url)
        self.broker: redis.Redis = redis.Redis.from_url(self.redis.url)
        return self

    def stop(self) -> None:
        """End everything."""
        if self._session is not None:
            self._session.close()
        super().stop()

    def sql(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Run a statement in a session that is kept open: a log-in costs the server more than most statements."""
        if self._session is None:
            self._session = psycopg2.connect(self.postgres.url)
            self._session.autocommit = True
        with self._session.cursor() as cursor:
            cursor.execute(query, parameters or None)
            return cursor.fetchall() if cursor.description else []

    def clear(self) -> None:
        """Forget all jobs, messages and results."""
        self.sql("TRUNCATE jobs, job_keys, live_jobs, job_logs, mails, plain_jobs CASCADE")
        self.broker.flushdb()
        self.plain.flushdb()

    def start_command(self, name: str, *argv: str) -> Child:
        """Start a command as a service, and note when."""
        self.began = time.perf_counter()
        return super().start_command(name, *argv)

    @contextmanager
    def running(self, *services: str, ready: bool = True, **settings: str) -> Iterator[None]:
        """Run services of Bellhop during the block."""
        with self.with_settings(settings):
            try:
                for service in services:
                    self.start_service(service)
                for service in services if ready else ():
                    self.wait_ready(service)
                yield
            finally:
                self._end(*services)

    @contextmanager
    def with_settings(self, settings: Mapping[str, str]) -> Iterator[None]:
        """Apply these settings to all that starts during the block."""
        kept, self.settings = self.settings, {**self.settings, **settings}
        try:
            yield
        finally:
            self.settings = kept

    @contextmanager
    def command(self, name: str, *argv: str, port: int | None = None) -> Iterator[None]:
        """Run another command during the block, and wait until its port answers."""
        self.start_command(name, *argv)
        try:
            if port is not None:
                wait_until(lambda: _answers(port))
            yield
        finally:
            self._end(name)

    def plain_worker(self, *, events: bool) -> list[str]:
        """Return the command of a worker of plain Celery."""
        return [*PLAIN_WORKER, *(["-E"] if events else [])]

    def cpu_seconds(self, *names: str) -> float:
        """Return the processor time that services have used up to now; `postgres` and `redis` are the servers."""
        pids = {"postgres": self.postgres.pid, "redis": self.redis.pid}
        return sum(_cpu_seconds(psutil.Process(pids.get(name) or self.services[name].pid)) for name in names)

    def _end(self, *names: str) -> None:
        for name in names:
            if child := self.services.pop(name, None):
                child.stop(30)


def _cpu_seconds(process: psutil.Process) -> float:
    """Return the time of a process and of its children; that of those that have ended is its own."""
    used = 0.0
    for child in process.children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # it has just ended
            used += child.cpu_times().user + child.cpu_times().system
    own = process.cpu_times()
    return used + own.user + own.system + own.children_user + own.children_system


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
