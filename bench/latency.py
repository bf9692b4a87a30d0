"""How long it takes from a submission to the result in the submitter's hand, when there is little to do."""

import http.client
import json
import time
from collections.abc import Callable
from statistics import quantiles

from bench.figures import Claim, Figures, Plan
from bench.ground import Ground
from tests.stack import TOKEN

BELLHOP, PLAIN = "Bellhop over HTTP, POST then GET ?wait=", "Celery with events, .delay().get()"
PERIOD = 0.05
"""Seconds from one job to the next."""


def measure(ground: Ground, plan: Plan) -> Figures:
    """Send one job after another to each in turn, several times over."""
    figures = Figures(f"Latency at {1 / PERIOD:.0f} jobs a second, one after another")
    ground.clear()
    with (
        ground.running("web", "scheduler", "worker"),
        ground.command("plain-worker", *ground.plain_worker(events=True)),
    ):
        contenders = {PLAIN: plain(), BELLHOP: bellhop(ground.port)}
        for run_one in contenders.values():
            in_sequence(run_one, 20)  # to warm up
        for _ in range(plan.rounds):
            for name, run_one in contenders.items():
                cuts = quantiles(in_sequence(run_one, plan.sequence), n=100)
                figures.add(name, "p50 ms", cuts[49])
                figures.add(name, "p99 ms", cuts[98])
    figures.claims.append(Claim("median", figures.median(BELLHOP, "p50 ms"), "ms", at_most=15))
    figures.claim("median beside Celery's, which has no HTTP in it", BELLHOP, PLAIN, "p50 ms")
    return figures


def in_sequence(run_one: Callable[[], None], times: int) -> list[float]:
    """Run one job after another and give how long each took, in milliseconds."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        run_one()
        took.append((time.perf_counter() - began) * 1000)
        time.sleep(max(began + PERIOD - time.perf_counter(), 0))
    return took


def plain() -> Callable[[], None]:
    """Run one job with plain Celery."""
    from bench.peers.celery_app import noop

    def run_one() -> None:
        noop.delay().get(timeout=30)

    return run_one


def bellhop(port: int) -> Callable[[], None]:
    """Run one job with Bellhop: submit it and wait for its end, over one connection that stays open."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    body = json.dumps({"task": "test.noop"})

    def ask(method: str, path: str, body: str | None = None) -> dict[str, str]:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        read: dict[str, str] = json.loads(answer.read())
        assert answer.status in {200, 202}, read
        return read

    def run_one() -> None:
        receipt = ask("POST", "/api/jobs", body)
        assert ask("GET", f"/api/jobs/{receipt['id']}?wait=30")["state"] == "succeeded"

    return run_one
