"""Patience: what has become of a job is written down, also when the database is away for a while."""

import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from sqlalchemy.exc import InterfaceError, OperationalError

from bellhop_ledger.ledger.claim import Claimed
from bellhop_ledger.ledger.outside import Outside, leave
from bellhop_ledger.platform.log import get_logger
from bellhop_ledger.platform.statements import autocommit

log = get_logger(__name__)
T = TypeVar("T")

PATIENCE = 30.0
"""Seconds for which the outcome of a job is offered again while the database is away."""


def patiently(act: Callable[[], T]) -> T:
    """Do it, and again while Postgres is away, for up to 30 s: the work is done and must not be lost."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return act()
        except (OperationalError, InterfaceError) as error:
            if time.monotonic() > deadline:
                raise
            log.warning("database_away", error=type(error.orig).__name__)
            time.sleep(0.5)


def let_go(job: Claimed, outside: Outside) -> bool:
    """Note that the work of a job goes on outside, and return whether it does: what came of it may be here already."""
    if goes_on := patiently(partial(_leave, job, outside)):
        return goes_on
    log.info("job_over_before_it_went_outside", job_id=str(job.id), task=job.task)
    return False


def _leave(job: Claimed, outside: Outside) -> bool:
    with autocommit() as db:
        return leave(db, job, outside)
