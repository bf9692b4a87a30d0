"""Huey, with Redis."""

import os

from huey import RedisHuey

from bench.sequence import poll

huey = RedisHuey("peer", url=os.environ["PLAIN_REDIS_URL"], store_none=True)


@huey.task()  # type: ignore[untyped-decorator]
def noop() -> None:
    """Do nothing."""


def submit(jobs: int) -> None:
    """Enqueue so many."""
    for _ in range(jobs):
        noop()


def run_one() -> None:
    """Run one job. Huey's own wait begins with a pause of 50 ms, so its result is looked for instead."""
    result = noop()
    poll(lambda: huey.storage.has_data_for_key(result.id))
    result()
