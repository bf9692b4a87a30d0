"""Dramatiq, with Redis as broker and as the backend of its results."""

import os

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.results import Results
from dramatiq.results.backends import RedisBackend

URL = os.environ["PLAIN_REDIS_URL"]
backend = RedisBackend(url=URL)
broker = RedisBroker(url=URL)
broker.add_middleware(Results(backend=backend))
dramatiq.set_broker(broker)


@dramatiq.actor(store_results=True)
def noop() -> None:
    """Do nothing."""


def submit(jobs: int) -> None:
    """Enqueue so many."""
    for _ in range(jobs):
        noop.send()


def run_one() -> None:
    """Run one job."""
    noop.send().get_result(backend=backend, block=True, timeout=30_000)
