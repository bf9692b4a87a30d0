"""Tasks of somebody else's. Those that write leave a row without a key: a second run would show."""

import time

from sqlalchemy import text
from sqlalchemy.orm import Session

from bellhop import task
from bellhop.signature import Retry

ONCE = Retry(attempts=1)
"""A second attempt would be a deploy that used one up."""
WRITE = text("INSERT INTO rolling_effects (key) VALUES (:key)")


@task("rolling.write", mode="atomic", retry=ONCE)
def write(db: Session, *, key: str) -> str:
    """Write a row. Safe to repeat: what a broken off run wrote is taken back."""
    db.execute(WRITE, {"key": key})
    return key


@task("rolling.write_leased", retry=ONCE)
def write_leased(db: Session, *, key: str, seconds: float) -> str:
    """Take some time, then write a row. Safe to repeat: the row is written together with the end."""
    time.sleep(seconds)
    return write(db, key=key)


@task("rolling.write_slow", queue="slow", retry=ONCE)
def write_slow(db: Session, *, key: str, seconds: float) -> str:
    """Take longer than a worker that stops will wait. Safe to repeat: the row is written together with the end."""
    return write_leased(db, key=key, seconds=seconds)


@task("rolling.slow_add", queue="slow")
def slow_add(*, a: int, b: int) -> int:
    """Take three seconds for a sum. Safe to repeat: it writes nothing."""
    time.sleep(3)
    return a + b
