"""The schedulers that are measured: how each is given its schedules and started."""

import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis

from bench.environments import made_environment
from bench.ground import Ground
from bench.peers.entries import TASKS, moments_alone
from tests.published import manifests
from tests.stack import BIN, ROOT, wait_until

BELLHOP = "Bellhop"
TOGETHER = 1_000
LEAD = 2.0
"""Seconds from the end of one measurement until the next schedule is due."""
IDLE_SECONDS = 0.03
"""Of processor time a second."""
SETTLED_WITHIN = 180.0
QUEUE = "default\x06\x164"
"""The list of Redis in which Bellhop's messages of the usual priority are."""


FILL = """
    INSERT INTO schedules (id, name, source, task, args, fingerprint, crontab, time_zone, jitter_seconds, catch_up,
        ceiling, overlap, priority, note, enabled, next_due_at, fire_at, created_by, updated_by)
    SELECT gen_random_uuid(), 'bench ' || n, 'api', 'test.noop', '{}', %s,
        concat_ws(' ', n %% 60, n %% 24, 1 + n %% 28, '*', '*'), 'UTC', 0, 'latest',
        100, 'allow', 5, '', true, due, due, 'bench', 'bench'
    FROM generate_series(1, %s) AS n, date_trunc('month', now() AT TIME ZONE 'UTC' + interval '1 year') AS month,
        LATERAL (SELECT (month + make_interval(days => n %% 28, hours => n %% 24, mins => n %% 60)) AT TIME ZONE 'UTC'
                 AS due) AS planned
"""
PAUSE_DECLARED = """
    UPDATE schedules SET enabled = false, next_due_at = NULL, fire_at = NULL WHERE source = 'code'
"""
MAKE_DUE = """
    UPDATE schedules s SET next_due_at = to_timestamp(m.at), fire_at = to_timestamp(m.at)
    FROM (SELECT id, row_number() OVER () AS place
          FROM (SELECT id FROM schedules WHERE source = 'api' LIMIT %s) AS few) AS chosen
    JOIN unnest(%s::float8[]) WITH ORDINALITY AS m(at, place) USING (place)
    WHERE s.id = chosen.id
"""


@dataclass(frozen=True)
class Peer:
    """One that Bellhop is measured beside. Some live in an environment of their own, made at its first use."""

    name: str
    app: str
    options: tuple[str, ...] = ()
    stores: bool = True
    """Whether its schedules are stored before it starts; else they stand in its configuration."""
    start: tuple[float, float] = (8.0, 0.0)
    """Seconds that it may take to start, and how many more for each thousand schedules."""
    requirements: str = ""

    def ready_after(self, stored: int) -> float:
        """Return the seconds after which it should have started."""
        return self.start[0] + self.start[1] * stored / 1000

    @property
    def commands(self) -> Path:
        """Where its commands are."""
        return made_environment(self.requirements) if self.requirements else BIN


PEERS = (
    Peer(
        "celery-redbeat",
        app="redbeat_app",
        options=("--scheduler=redbeat.RedBeatScheduler",),
        start=(8.0, 0.02),
        requirements="redbeat",
    ),
    Peer("Celery's beat", app="beat_app", stores=False, start=(8.0, 0.3)),
    Peer(
        "sqlalchemy-celery-beat",
        app="sqlalchemy_beat_app",
        options=("--scheduler=sqlalchemy_celery_beat.schedulers:DatabaseScheduler",),
        start=(8.0, 0.7),
        requirements="sqlalchemy_celery_beat",
    ),
)


@dataclass(frozen=True)
class Running:
    """A scheduler at work."""

    service: str
    client: redis.Redis
    queues: Mapping[str, str]
    """In which list of Redis its messages are: of the first run, of those due alone and of those due together."""
    order: Callable[[str], list[float]]
    """Returns when those are due that are due alone, or together (Unix seconds)."""
    settle: Callable[[], None] = lambda: None
    """Waits until it has nothing to do but to wait."""


@contextmanager
def peer(ground: Ground, scheduler: Peer, stored: int, idle: float) -> Iterator[Running]:
    """Run a peer with so many schedules. When they are due is settled before it starts, so it is given its time."""
    together = min(TOGETHER, stored)
    ground.clear()
    settings = {"BENCH_STORED": str(stored - together), "BENCH_TOGETHER": str(together)}
    with ground.with_settings(settings):
        store(ground, scheduler, "stored")
        moments = when_due(time.time() + scheduler.ready_after(stored) + idle + LEAD, together)
        due = {"BENCH_ALONE_AT": str(moments["alone"][0]), "BENCH_TOGETHER_AT": str(moments["together"][0])}
        with ground.with_settings(due):
            store(ground, scheduler, "due")
            command = [str(scheduler.commands / "celery"), "-A", f"bench.peers.{scheduler.app}", "beat"]
            kept = ground.directory / f"beat-{stored}"
            with ground.command("beat", *command, *scheduler.options, "--pidfile=", f"--schedule={kept}"):
                yield Running("beat", ground.plain, {task: task for task in TASKS}, moments.__getitem__)
    ground.sql("DROP SCHEMA IF EXISTS peer CASCADE")


def when_due(first: float, together: int) -> dict[str, list[float]]:
    """Return the moments of those that are due alone, the first of them at a whole second, and of those after them."""
    alone = moments_alone(float(int(first) + 1))
    return {"alone": alone, "together": [float(int(alone[-1] + LEAD) + 1)] * together}


def store(ground: Ground, scheduler: Peer, what: str) -> None:
    """Store a peer's schedules, by its own means."""
    if scheduler.stores:
        argv = [str(scheduler.commands / "python"), "-m", f"bench.peers.{scheduler.app}", what]
        subprocess.run(argv, env=ground.env, cwd=ROOT, check=True)


@contextmanager
def bellhop(ground: Ground, stored: int) -> Iterator[Running]:
    """Run Bellhop's scheduler with so many schedules; some of them are made due while it runs."""
    from bellhop_ledger.schedules.check import fingerprint

    pause_declared(ground)
    ground.clear()
    ground.sql(FILL, fingerprint("test.noop"), stored)
    ground.sql("ANALYZE schedules")
    make_due(ground, [time.time()])

    def order(which: str) -> list[float]:
        forget(ground)
        moments = when_due(time.time() + LEAD, min(TOGETHER, stored))[which]
        make_due(ground, moments)
        return moments

    with ground.running("scheduler", ready=False):
        queues = dict.fromkeys(TASKS, QUEUE)
        yield Running("scheduler", ground.broker, queues, order, settle=lambda: settle(ground, "scheduler"))
    ground.sql("DELETE FROM schedules WHERE source = 'api'")


def settle(ground: Ground, service: str) -> None:
    """Wait until a service does nothing: ours looks at all plans after its start, and would move those of ours."""

    def is_idle() -> bool:
        before = ground.cpu_seconds(service)
        time.sleep(1)
        return ground.cpu_seconds(service) - before < IDLE_SECONDS

    wait_until(is_idle, SETTLED_WITHIN)


def pause_declared(ground: Ground) -> None:
    """Store the schedules that the code declares, and pause them: the timer would be due each second."""
    from bellhop_ledger.platform.database import transaction
    from bellhop_ledger.schedules.declared import declare_all

    with transaction() as db:
        declare_all(db, manifests(ground.env["BELLHOP_PLUGINS"]))
    ground.sql(PAUSE_DECLARED)


def make_due(ground: Ground, moments: list[float]) -> None:
    """Make a schedule due at each of these moments, and wake the scheduler."""
    ground.sql(MAKE_DUE, len(moments), moments)
    ground.sql("NOTIFY bellhop_due")


def forget(ground: Ground) -> None:
    """Forget the jobs that nobody runs, lest they are sent again."""
    ground.sql("TRUNCATE jobs, job_keys")
    ground.broker.delete(QUEUE)
