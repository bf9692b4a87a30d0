"""Plain Celery: Redis as broker and as result backend, and everything else as it comes."""

import os

from celery import Celery

app = Celery("plain", broker=os.environ["PLAIN_REDIS_URL"], backend=os.environ["PLAIN_REDIS_URL"])


@app.task(name="plain.noop")  # type: ignore[untyped-decorator]
def noop() -> None:
    """Do nothing."""
