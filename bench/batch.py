"""How long 10,000 jobs in one request take, until they are accepted and until each has its message."""

import time

from bench.figures import Figures, Plan
from bench.ground import Ground
from bench.submit import all_sent
from tests.stack import wait_until

ACCEPTED, SENT = "accepted, jobs/s", "messages sent, jobs/s"
BELLHOP, BELLHOP_BATCH = "Bellhop, POST /api/jobs/batch, 1 job a message", "Bellhop, the same, 100 jobs a message"
PLAIN = "Celery, .delay() in a loop"


def measure(ground: Ground, plan: Plan) -> Figures:
    """Submit many jobs with each in turn, several times over; no worker runs."""
    figures = Figures(f"Submission of {plan.jobs:,} jobs at once")
    with ground.running("web", "scheduler"):
        for _ in range(plan.rounds):
            for name, task in {BELLHOP: "test.noop", BELLHOP_BATCH: "test.noop_batch"}.items():
                ground.clear()
                accepted, sent = submit_at_once(ground, task, plan.jobs)
                figures.add(name, "seconds", accepted)
                figures.add(name, ACCEPTED, plan.jobs / accepted)
                figures.add(name, SENT, plan.jobs / sent)
            seconds = submit_in_loop(plan.jobs)
            figures.add(PLAIN, "seconds", seconds)
            figures.add(PLAIN, ACCEPTED, plan.jobs / seconds)
    figures.claim("one request beside a loop of .delay()", BELLHOP, PLAIN, ACCEPTED)
    return figures


def submit_at_once(ground: Ground, task: str, jobs: int) -> tuple[float, float]:
    """Return the seconds until all are accepted and until all messages are sent."""
    began = time.perf_counter()
    receipts = ground.submit_many([{"task": task}] * jobs)
    accepted = time.perf_counter() - began
    assert len(receipts) == jobs
    wait_until(lambda: all_sent(ground))
    return accepted, time.perf_counter() - began


def submit_in_loop(jobs: int) -> float:
    """Return the seconds that plain Celery needs."""
    from bench.peers.celery_app import noop

    began = time.perf_counter()
    for _ in range(jobs):
        noop.delay()
    return time.perf_counter() - began
