"""Group commit: jobs of requests that come at the same moment are written with one statement and one commit."""

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from functools import lru_cache
from threading import Lock

from sqlalchemy.exc import DataError, IntegrityError

from bellhop_ledger.ledger.submit import NewJob, submit_all
from bellhop_ledger.ledger.tables import Job
from bellhop_ledger.platform.statements import autocommit

Ticket = tuple[NewJob, Future[Job]]


class GroupCommit:
    """Who comes first writes. Who comes meanwhile waits, and the next of them writes for all who do.

    A request that comes alone waits for nobody, and in a rush a commit is shared.
    """

    def __init__(self) -> None:
        self._waiting: deque[Ticket] = deque()
        self._writing = Lock()

    def submit(self, new: NewJob) -> Job:
        """Return the job when it stands in the ledger."""
        receipt: Future[Job] = Future()
        self._waiting.append((new, receipt))
        with self._writing:
            if not receipt.done():
                write([self._waiting.popleft() for _ in range(len(self._waiting))])
        return receipt.result()


def write(tickets: Sequence[Ticket]) -> None:
    """Write the jobs and hand out the receipts. One that Postgres will not take is refused alone."""
    try:
        with autocommit() as db:
            jobs = submit_all(db, [new for new, _ in tickets])
        answers = list(zip(tickets, jobs, strict=True))
    except (DataError, IntegrityError) as error:
        if len(tickets) == 1:
            tickets[0][1].set_exception(error)
            return
        for ticket in tickets:
            write([ticket])
    except BaseException as error:
        for _, receipt in tickets:
            receipt.set_exception(error)
    else:
        for (_, receipt), job in answers:
            receipt.set_result(job)


@lru_cache(maxsize=1)
def _group_commit() -> GroupCommit:
    return GroupCommit()


def submit_grouped(new: NewJob) -> Job:
    """Write one job and return it. Raises KeyReused.

    One with an idempotency key goes by itself, for its answer may be an earlier job or a refusal.
    """
    if new.idempotency_key is None:
        return _group_commit().submit(new)
    with autocommit() as db:
        [job] = submit_all(db, [new])
    return job
