"""How long a job that is submitted in SQL waits: from the COMMIT of the application to its begin in a worker."""

import random
import time
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from statistics import quantiles

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812  a class

from bench.figures import Claim, Figures, Plan
from bench.ground import Ground
from bench.sequence import PERIOD, poll
from tests.shop import open_shop

TASK = "test.noop_leased"
"""A leased one: it begins in a statement of its own, whose time is kept."""
SUBMIT = "SELECT bellhop.submit(%s)"
BEGUN = "SELECT started_at FROM jobs WHERE id = %s AND started_at IS NOT NULL"
NAME = "bellhop.submit() in a transaction of the application"
CUTS = {"p50 ms": 49, "p95 ms": 94, "p99 ms": 98}
P95 = "p95 ms"


def measure(ground: Ground, plan: Plan) -> Figures:
    """Submit one job after another with a driver alone, while nothing else is to be done."""
    figures = Figures("From COMMIT to the worker")
    ground.clear()
    url = open_shop(ground)
    with ground.running("scheduler", "worker"), closing(psycopg2.connect(url)) as application:
        waits(ground, application, 20)  # to warm up
        for _ in range(plan.rounds):
            cuts = quantiles(waits(ground, application, plan.sequence), n=100)
            for unit, cut in CUTS.items():
                figures.add(NAME, unit, cuts[cut])
    figures.claims.append(Claim("95th percentile", figures.median(NAME, P95), "ms", at_most=100))
    return figures


def waits(ground: Ground, application: Connection, times: int) -> list[float]:
    """Return how long each of so many jobs waited, in milliseconds; they come at random moments, as requests do."""
    waited = []
    for _ in range(times):
        time.sleep(random.uniform(0, 2 * PERIOD))
        with application, application.cursor() as cursor:
            cursor.execute(SUBMIT, (TASK,))
            [id] = cursor.fetchone() or ()
        committed = datetime.now(UTC)
        poll(partial(ground.sql, BEGUN, id))
        [(begun,)] = ground.sql(BEGUN, id)
        waited.append((begun - committed).total_seconds() * 1000)
    return waited
