"""What the pool asks of the ledger, in threads: the loop never waits for Postgres, and one statement serves many."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from bellhop_ledger.ledger.claim import Claimed, claim_each
from bellhop_ledger.ledger.control import report
from bellhop_ledger.ledger.finish import Outcome, finish, hand_back, requeue_unclaimed
from bellhop_ledger.platform.database import transaction
from bellhop_ledger.platform.statements import autocommit
from bellhop_worker.engine.patience import patiently
from bellhop_worker.engine.run import Progress
from bellhop_worker.job_logs import writer

T = TypeVar("T")
THREADS = 4
"""One claims, one finishes, one reports progress; the last is there when one of them waits for Postgres."""


@dataclass(frozen=True)
class Ending:
    """How one run has left its job: with an outcome, or broken off by the worker's stop and so without one."""

    job: Claimed
    lease: UUID
    outcome: Outcome | None
    tag: int
    """By which the main process knows the message."""
    quiet: bool


Tell = Callable[[Sequence[Claimed], Mapping[UUID, UUID]], None]


class LedgerThreads:
    """Runs the ledger's statements beside the loop."""

    def __init__(self, worker: str, lease_seconds: float, tell: Tell):
        self._worker, self._lease_seconds, self._tell = worker, lease_seconds, tell
        self._threads = ThreadPoolExecutor(THREADS, "ledger")

    async def claim(self, leases: Mapping[UUID, UUID]) -> list[Claimed]:
        """Claim jobs, each under its own lease. Raises an error of SQLAlchemy."""
        return await self._do(lambda: self._claim(leases))

    async def settle(self, endings: Sequence[Ending]) -> set[UUID]:
        """Write down how runs have ended and return the jobs that were still ours, waiting for Postgres up to 30 s."""
        return await self._do(lambda: self._settle(endings))

    async def requeue(self, ids: Sequence[UUID]) -> None:
        """Send jobs again that were not claimed."""
        await self._do(lambda: self._requeue(ids))

    async def report(self, progress: Mapping[UUID, Progress]) -> None:
        """Write down how far jobs have come."""
        await self._do(lambda: self._report(progress))

    async def _do(self, act: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, act)

    def _claim(self, leases: Mapping[UUID, UUID]) -> list[Claimed]:
        with autocommit() as db:
            jobs = claim_each(db, leases, worker=self._worker, seconds=self._lease_seconds)
        self._tell(jobs, leases)  # here, for the loop may be blocked: the main process keeps the leases from now on
        return jobs

    def _settle(self, endings: Sequence[Ending]) -> set[UUID]:
        leases = {one.job.id: one.lease for one in endings}
        outcomes = [one.outcome for one in endings if one.outcome]
        broken_off = [one.job for one in endings if one.outcome is None]
        ours: set[UUID] = set()

        def write() -> None:
            with writer.handing_over() as take, autocommit() as db:
                ours.update(finish(db, outcomes, worker=self._worker, lease=leases, logs=take(outcomes)))

        def give_back() -> None:
            with autocommit() as db:
                hand_back(db, broken_off, lease=leases, begun={job.id for job in broken_off})

        if outcomes:
            patiently(write)
        if broken_off:
            patiently(give_back)
        return ours

    def _requeue(self, ids: Sequence[UUID]) -> None:
        with autocommit() as db:
            requeue_unclaimed(db, ids)

    def _report(self, progress: Mapping[UUID, Progress]) -> None:
        with transaction() as db:
            for id, facts in progress.items():
                report(db, id, **facts)
