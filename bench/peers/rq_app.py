"""RQ."""

import os

from redis import Redis
from rq import Queue

from bench.peers.rq_job import noop

queue = Queue(connection=Redis.from_url(os.environ["PLAIN_REDIS_URL"]))
AT_ONCE = 1_000


def submit(jobs: int) -> None:
    """Enqueue so many."""
    for first in range(0, jobs, AT_ONCE):
        queue.enqueue_many([Queue.prepare_data(noop) for _ in range(min(AT_ONCE, jobs - first))])


def run_one() -> None:
    """Run one job."""
    result = queue.enqueue(noop).latest_result(timeout=30)
    assert result is not None
