"""How long it takes from a submission to the result in the submitter's hand, when there is little to do."""

import http.client
import json
from collections.abc import Callable
from functools import partial
from statistics import quantiles

from bench.figures import Claim, Figures, Plan
from bench.ground import Ground
from bench.queues import installed, sequence
from bench.sequence import PERIOD, in_sequence
from tests.stack import TOKEN

BELLHOP, PLAIN = "Bellhop over HTTP, POST then GET ?wait=", "Celery with events, .delay().get()"
P50, P99 = "p50 ms", "p99 ms"


def measure(ground: Ground, plan: Plan) -> Figures:
    """Send one job after another to each in turn, several times over."""
    figures = Figures(f"Latency at {1 / PERIOD:.0f} jobs a second, one after another")
    figures.base = BELLHOP
    others = installed(figures)
    ground.clear()
    with (
        ground.running("web", "scheduler", "worker"),
        ground.command("plain-worker", *ground.plain_worker(events=True)),
    ):
        contenders = {PLAIN: plain, BELLHOP: partial(bellhop, ground.port)}
        for _ in range(plan.rounds):
            for name, connect in contenders.items():
                run_one = connect()  # anew: what the others take is longer than a server keeps a silent connection
                in_sequence(run_one, 20)  # to warm up
                note(figures, name, in_sequence(run_one, plan.sequence))
            for queue in others:
                note(figures, queue.name, sequence(ground, queue, plan.sequence))
    figures.claims.append(Claim("median", figures.median(BELLHOP, P50), "ms", at_most=15))
    figures.claim("median beside Celery's, which has no HTTP in it", BELLHOP, PLAIN, P50)
    return figures


def note(figures: Figures, name: str, took: list[float]) -> None:
    """Note the middle and the slow ones of a round, in milliseconds."""
    cuts = quantiles(took, n=100)
    figures.add(name, P50, cuts[49])
    figures.add(name, P99, cuts[98])


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
