"""The task queues beside which Bellhop and Celery are measured, each as its own documentation says.

One clock serves all of them: a watcher that counts the results, so no job does anything for being measured.
"""

import json
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial

from bench.environments import NotInstalled, made_environment
from bench.figures import Figures
from bench.ground import Ground
from tests.stack import ROOT

PATIENCE = 300.0
SCHEMA = "procrastinate"
PROCRASTINATE = "bench.peers.procrastinate_app.app"
REDIS = "--url={PLAIN_REDIS_URL}"


Ended = Callable[[Ground, int], int]
"""Returns how many jobs of a backlog have ended, at little cost."""


@dataclass(frozen=True)
class TaskQueue:
    """One task queue: its module is bench/peers/<app>_app.py, and what it needs is in <app>.txt."""

    name: str
    app: str
    worker: tuple[str, ...]
    """The command of its workers. What stands in braces is a setting."""
    ended: Ended
    commands: int = 1
    """How often the command is started for two processes."""
    every: float = 0.005
    """Seconds between two looks at the number of those that ended."""
    part: int = 1
    """The backlog is this part of the others', for one that is slow."""

    def client(self, ground: Ground, what: str, jobs: int) -> str:
        """Submit jobs from a process of its own, and return what it prints."""
        argv = [str(made_environment(self.app) / "python"), "-m", "bench.peers.client", f"{self.app}_app", what]
        done = subprocess.run(
            [*argv, str(jobs)], env=self.settings(ground), cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True
        )
        return done.stdout

    def settings(self, ground: Ground) -> Mapping[str, str]:
        """Return the environment of its processes."""
        return {**ground.env, "PROCRASTINATE_URL": f"{ground.postgres.url}?options=-csearch_path%3D{SCHEMA}"}

    @contextmanager
    def workers(self, ground: Ground) -> Iterator[None]:
        """Run its workers during the block."""
        settings = dict(self.settings(ground))
        program, *options = [part.format_map(settings) for part in self.worker]
        argv = [str(made_environment(self.app) / program), *options]
        with ExitStack() as running, ground.with_settings({"PROCRASTINATE_URL": settings["PROCRASTINATE_URL"]}):
            for number in range(self.commands):
                running.enter_context(ground.command(f"{self.app}-{number}", *argv))
            yield


def huey_ended(ground: Ground, _: int) -> int:
    """Count the results of Huey, which are in one hash."""
    return int(ground.plain.hlen("huey.results.peer"))


def taskiq_ended(ground: Ground, _: int) -> int:
    """Count the results of Taskiq: each is a key of its own, and beside them there is the list of its messages."""
    return int(ground.plain.dbsize()) - int(ground.plain.exists("taskiq"))


def dramatiq_ended(ground: Ground, jobs: int) -> int:
    """Count the messages of Dramatiq that are gone: each goes when its result is stored."""
    return jobs - int(ground.plain.hlen("dramatiq:default.msgs"))


def rq_ended(ground: Ground, _: int) -> int:
    """Count what RQ has listed as finished."""
    return int(ground.plain.zcard("rq:finished:default"))


def procrastinate_ended(ground: Ground, _: int) -> int:
    """Count the rows of Procrastinate that say so."""
    return int(ground.sql(f"SELECT count(*) FROM {SCHEMA}.procrastinate_jobs WHERE status = 'succeeded'")[0][0])


HUEY, TASKIQ = "Huey", "Taskiq"
RQ_POOL = ("rq", "worker-pool", REDIS, "--num-workers=2", "--quiet")
QUEUES = (
    TaskQueue(
        HUEY, "huey",
        ("huey_consumer", "bench.peers.huey_app.huey", "--workers=2", "--worker-type=process", "--quiet"),
        huey_ended,
    ),
    TaskQueue(
        TASKIQ, "taskiq",
        ("taskiq", "worker", "bench.peers.taskiq_app:broker", "--workers=2", "--log-level=WARNING"),
        taskiq_ended,
    ),
    TaskQueue("Dramatiq", "dramatiq", ("dramatiq", "bench.peers.dramatiq_app", "--processes=2"), dramatiq_ended),
    TaskQueue("RQ, a process for each job", "rq", RQ_POOL, rq_ended, part=10),
    TaskQueue("RQ, SimpleWorker", "rq", (*RQ_POOL, "--worker-class=rq.SimpleWorker"), rq_ended),
    TaskQueue(
        "Procrastinate", "procrastinate",
        ("procrastinate", f"--app={PROCRASTINATE}", "--log-level=warning", "worker", "--concurrency=10"),
        procrastinate_ended, commands=2, every=0.1,
    ),
)  # fmt: skip


def installed(figures: Figures) -> list[TaskQueue]:
    """Return those whose packages are there; the figures name the others."""
    found = []
    for queue in QUEUES:
        try:
            made_environment(queue.app)
            found.append(queue)
        except NotInstalled as error:
            figures.left_out[queue.name] = str(error)
    return found


def prepare(ground: Ground, queue: TaskQueue) -> None:
    """Empty what the last one has left, and create the tables of the one that has tables."""
    ground.plain.flushdb()
    ground.sql(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE")
    ground.sql(f"CREATE SCHEMA {SCHEMA}")
    if queue.app == "procrastinate":
        program = str(made_environment(queue.app) / "procrastinate")
        argv = [program, f"--app={PROCRASTINATE}", "schema", "--apply"]
        subprocess.run(argv, env=queue.settings(ground), cwd=ROOT, check=True, capture_output=True)


def drain(ground: Ground, jobs: int, queue: TaskQueue) -> float:
    """Return jobs a second, from the first results that are seen to the last."""
    ground.clear()
    prepare(ground, queue)
    backlog = jobs // queue.part
    queue.client(ground, "backlog", backlog)
    with queue.workers(ground):
        return watched(partial(queue.ended, ground, backlog), backlog, queue.every)


def watched(ended: Callable[[], int], jobs: int, every: float) -> float:
    """Watch until all have ended, and return their pace without those that the first look has found."""
    deadline = time.monotonic() + PATIENCE
    first, began, seen, now = 0, 0.0, 0, 0.0
    while seen < jobs:
        seen, now = ended(), time.perf_counter()
        if not first:
            first, began = seen, now
        assert time.monotonic() < deadline, f"{seen} of {jobs} have ended"
        time.sleep(every)
    assert seen > first, "all had ended at the first look"
    return (seen - first) / (now - began)


def sequence(ground: Ground, queue: TaskQueue, times: int) -> list[float]:
    """Return how long each of so many jobs took one after another, in milliseconds."""
    prepare(ground, queue)
    with queue.workers(ground):
        took: list[float] = json.loads(queue.client(ground, "sequence", times))
    return took
