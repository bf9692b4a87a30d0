"""The tasks of the drill. Each leaves a trace of its effect under the id of its job."""

import asyncio
import os
import time
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from bellhop import task
from bellhop.errors import Permanent
from bellhop.signature import Retry
from bellhop_worker.plugin import Run

OFTEN = Retry(attempts=30, first=0.2, factor=1.5, longest=2)
"""More attempts than there are faults that one job could be hit by."""
EFFECT = text("INSERT INTO effects (key) VALUES (:key)")
BEGUN = "begun"
"""The file with a line for each run of a body that has no transaction: it remembers those that a crash has ended."""


@task("chaos.atomic", mode="atomic", retry=OFTEN)
def atomic(db: Session, run: Run, *, key: str, seconds: float) -> str:
    """Write the effect, then take some time. Safe to repeat: one transaction."""
    db.execute(EFFECT, {"key": str(run.job.id)})
    time.sleep(seconds)
    return key


@task("chaos.leased", retry=OFTEN)
def leased(db: Session, run: Run, *, key: str, seconds: float) -> str:
    """Take some time under a lease, then write the effect. Safe to repeat: the effect commits with the finish."""
    time.sleep(seconds)
    db.execute(EFFECT, {"key": str(run.job.id)})
    return key


@task("chaos.outside", retry=OFTEN)
def outside(run: Run, *, key: str, seconds: float) -> str:
    """Reach outside under a lease, without a transaction. Safe to repeat: it only leaves a line more."""
    note_begun(run)
    time.sleep(seconds)
    return key


@task("chaos.async", retry=OFTEN)
async def asynchronous(run: Run, *, key: str, seconds: float) -> str:
    """Wait beside many others. Safe to repeat: it only leaves a line more."""
    note_begun(run)
    await asyncio.sleep(seconds)
    return key


@task("chaos.recovers", retry=OFTEN)
def recovers(db: Session, run: Run, *, key: str, seconds: float) -> str:
    """Fail twice after having written the effect, then succeed. Safe to repeat: a failed run is rolled back."""
    db.execute(EFFECT, {"key": str(run.job.id)})
    time.sleep(seconds)
    if run.job.attempt <= 2:
        raise ValueError("asked to fail")
    return key


@task("chaos.breaks", retry=OFTEN)
def breaks(db: Session, run: Run, *, key: str, seconds: float) -> str:
    """Write an effect and fail for good. Safe to repeat: a failed run is rolled back."""
    db.execute(EFFECT, {"key": str(run.job.id)})
    time.sleep(seconds)
    raise Permanent(f"{key} was asked to fail for good")


@task("chaos.tick", mode="atomic", retry=OFTEN)
def tick(db: Session, run: Run) -> None:
    """Write the effect of one run of a schedule. Safe to repeat: one transaction."""
    db.execute(EFFECT, {"key": str(run.job.id)})


def note_begun(run: Run) -> None:
    """Add a line to the file; the system appends it whole, whoever else writes and dies."""
    file = os.open(Path(os.environ["TEST_DIRECTORY"], BEGUN), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, f"{run.job.id}\n".encode())
    os.close(file)
