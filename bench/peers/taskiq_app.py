"""Taskiq, with Redis' lists as broker and with results in Redis."""

import asyncio
import os

from taskiq_redis import ListQueueBroker, RedisAsyncResultBackend

URL = os.environ["PLAIN_REDIS_URL"]
broker = ListQueueBroker(URL).with_result_backend(RedisAsyncResultBackend(URL))
runner = asyncio.Runner()


@broker.task
async def noop() -> None:
    """Do nothing."""


async def send(jobs: int) -> None:
    """Send so many messages."""
    await broker.startup()
    for _ in range(jobs):
        await noop.kiq()


def submit(jobs: int) -> None:
    """Enqueue so many."""
    runner.run(send(jobs))


async def send_and_wait() -> None:
    """Send a message and ask for its result each millisecond."""
    task = await noop.kiq()
    await task.wait_result(check_interval=0.001, timeout=30)


def run_one() -> None:
    """Run one job."""
    runner.run(send_and_wait())
