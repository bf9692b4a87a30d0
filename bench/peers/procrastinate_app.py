"""Procrastinate. It keeps no results; the state of a job stands in for one."""

import asyncio
import atexit
import os
from functools import cache

from procrastinate import App, PsycopgConnector
from procrastinate.jobs import Status

app = App(connector=PsycopgConnector(conninfo=os.environ["PROCRASTINATE_URL"]))
runner = asyncio.Runner()
AT_ONCE = 1_000


@app.task
async def noop() -> None:
    """Do nothing."""


async def defer(jobs: int) -> None:
    """Store so many."""
    async with app.open_async():
        for first in range(0, jobs, AT_ONCE):
            await noop.batch_defer_async(*[{}] * min(AT_ONCE, jobs - first))


def submit(jobs: int) -> None:
    """Enqueue so many."""
    runner.run(defer(jobs))


async def defer_and_wait() -> None:
    """Store one job and ask each millisecond whether it has ended."""
    id = await noop.defer_async()
    while await app.job_manager.get_job_status_async(id) != Status.SUCCEEDED:
        await asyncio.sleep(0.001)


@cache
def open_until_exit() -> None:
    """Open the connections, once."""
    runner.run(app.connector.open_async())
    atexit.register(lambda: runner.run(app.close_async()))


def run_one() -> None:
    """Run one job."""
    open_until_exit()
    runner.run(asyncio.wait_for(defer_and_wait(), 30))
