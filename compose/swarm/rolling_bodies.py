"""The bodies of what both releases know. Each leaves a row in a table without a key: a second run would show."""

import time

import rolling_signatures
from sqlalchemy import text
from sqlalchemy.orm import Session

from bellhop_worker.engine.binding import body

WRITE = text("INSERT INTO rolling_effects (key) VALUES (:key)")


@body(rolling_signatures.write)
def write(db: Session, *, key: str) -> str:
    """Write at once."""
    db.execute(WRITE, {"key": key})
    return key


@body(rolling_signatures.write_leased)
@body(rolling_signatures.write_slow)
def write_late(db: Session, *, key: str, seconds: float) -> str:
    """Take the time that is asked for, then write."""
    time.sleep(seconds)
    db.execute(WRITE, {"key": key})
    return key
