"""How many jobs a web server takes in a second, from 16 connections."""

import json
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass

from bellhop_local.ports import free_port
from bench.figures import Figures, Plan
from bench.ground import Ground
from tests.stack import ROOT, TOKEN, wait_until

RATE = "requests/s"
BELLHOP, FLOWER = "Bellhop, POST /api/jobs", "Flower, async-apply"
DELAY, INSERT = "Flask, .delay()", "Flask, INSERT only"
BUSY = "{}, workers busy"


@dataclass(frozen=True)
class Target:
    """Where the load goes."""

    port: int
    path: str = "/"
    body: str = "{}"
    headers: tuple[str, ...] = ()

    def load(self, seconds: float) -> dict[str, float]:
        """Send requests for so many seconds, from a process of its own."""
        argv = [sys.executable, "-m", "bench.load", str(self.port), self.path, "--body", self.body]
        argv += [f"--header={header}" for header in self.headers] + [f"--seconds={seconds}"]
        done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout))


def measure(ground: Ground, plan: Plan) -> Figures:
    """Load each server in turn, several times over, first with no worker running, then with busy ones."""
    figures = Figures("Submission over HTTP, 16 connections")
    ground.clear()
    with ExitStack() as services:
        targets = start(ground, services)
        for target in targets.values():
            target.load(1.0)  # to warm up
        for _ in range(plan.rounds):
            for name, target in targets.items():
                _note(figures, name, _load_on_empty(ground, target, plan.seconds))
        ground.clear()
        services.enter_context(ground.running("worker"))
        services.enter_context(ground.command("plain-worker", *ground.plain_worker(events=True)))
        for name in (BELLHOP, FLOWER, DELAY):
            _note(figures, BUSY.format(name), _load_on_empty(ground, targets[name], plan.seconds))
    figures.claim("beside Flower's async-apply", BELLHOP, FLOWER, RATE, at_least=2)
    figures.claim("beside Flower's async-apply, workers busy", BUSY.format(BELLHOP), BUSY.format(FLOWER), RATE)
    figures.claim("beside a Flask route with .delay()", BELLHOP, DELAY, RATE)
    figures.claim("beside a Flask route that only inserts", BELLHOP, INSERT, RATE)
    return figures


def _load_on_empty(ground: Ground, target: Target, seconds: float) -> dict[str, float]:
    wait_until(lambda: all_sent(ground))
    ground.clear()
    return target.load(seconds)


def all_sent(ground: Ground) -> bool:
    """Whether each job that was accepted has its message, so that nobody is busy with what was before."""
    return not ground.sql("SELECT 1 FROM jobs WHERE state = 'queued' AND published_at IS NULL LIMIT 1")


def _note(figures: Figures, name: str, seen: dict[str, float]) -> None:
    for unit, value in seen.items():
        figures.add(name, unit, value)


def start(ground: Ground, services: ExitStack) -> dict[str, Target]:
    """Start all servers; those in Flask with the same gunicorn settings as Bellhop's."""
    services.enter_context(ground.running("web", "scheduler"))
    flower, delay, insert = free_port(), free_port(), free_port()
    commands = {
        flower: ["celery", "-A", "bench.peers.celery_app", "flower", "--address=127.0.0.1", f"--port={flower}"],
        delay: gunicorn("bench.peers.flask_delay:app", delay),
        insert: gunicorn("bench.peers.flask_insert:app", insert),
    }
    for port, argv in commands.items():
        services.enter_context(ground.command(f"server-{port}", *argv, port=port))
    bearer = f"Authorization: Bearer {TOKEN}"
    return {
        BELLHOP: Target(ground.port, "/api/jobs", json.dumps({"task": "test.noop", "args": {}}), (bearer,)),
        FLOWER: Target(flower, "/api/task/async-apply/plain.noop", json.dumps({"args": []})),
        DELAY: Target(delay),
        INSERT: Target(insert),
    }


def gunicorn(application: str, port: int) -> list[str]:
    """Return the command of a web server like Bellhop's own: two processes of 64 threads."""
    options = ["--workers=2", "--worker-class=gthread", "--threads=64", "--keep-alive=75", "--no-control-socket"]
    return ["gunicorn", *options, f"--bind=127.0.0.1:{port}", application]
