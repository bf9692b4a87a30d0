"""The runner: what happens to the jobs of one message, from their claim to their finish."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import TypeVar
from uuid import UUID, uuid4

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bellhop.signature import Mode
from bellhop_ledger.ledger.claim import Claimed, claim, lock
from bellhop_ledger.ledger.finish import LeaseLost, Outcome, finish, hand_back, requeue_unclaimed
from bellhop_ledger.ledger.tables import State
from bellhop_ledger.platform import clock
from bellhop_ledger.platform.database import Database, after_commit, transaction
from bellhop_ledger.platform.log import get_logger
from bellhop_ledger.platform.metrics import jobs as metrics
from bellhop_ledger.platform.statements import autocommit, raw_transaction
from bellhop_worker.engine.alarm import NEVER, Alarm
from bellhop_worker.engine.batch import Batch
from bellhop_worker.engine.binding import Body
from bellhop_worker.engine.execution import Executor, log_outcome
from bellhop_worker.engine.interrupts import Interrupted
from bellhop_worker.engine.patience import let_go, patiently
from bellhop_worker.engine.run_times import RunTimes
from bellhop_worker.engine.slot_table import SlotTable
from bellhop_worker.job_logs import writer

log = get_logger(__name__)
T = TypeVar("T")


class RolledBack(Exception):
    """Carries a failed run's outcome out of the transaction that its writes are taken back with."""

    def __init__(self, outcome: Outcome):
        self.outcome = outcome


class Runner:
    """Runs the jobs of one message at a time, in this process."""

    def __init__(
        self, worker: str, slots: SlotTable, slot: int, executor: Executor, *, lease_seconds: float, budget: float
    ):
        self._worker, self._slots, self._slot, self._executor = worker, slots, slot, executor
        self._lease_seconds, self._budget = lease_seconds, budget
        self._lost: set[UUID] = set()
        self._run_times = RunTimes()
        self._relief: Alarm | None = None
        """Rings when a batch has taken as long as its budget; its thread belongs to this process."""
        self._batch: Batch | None = None

    def run(self, body: Body, ids: Sequence[UUID], *, suspect: bool) -> list[Outcome]:
        """Run the jobs that can still be claimed and return how they ended.

        A suspect message was delivered before and nobody knows what became of it. Its jobs
        are claimed one by one before they run, so that one that kills its process is counted.
        """
        self._lost.clear()
        if suspect:
            outcomes = self._run_suspects(body, ids)
        elif body.signature.mode is Mode.ATOMIC:
            outcomes = self._run_atomic(body, ids)
        else:
            outcomes = self._run_leased(body, ids)
        ours = [outcome for outcome in outcomes if outcome.job.id not in self._lost]
        for outcome in ours:
            log_outcome(outcome, quiet=body.signature.quiet)
        if not body.signature.quiet:
            self._count([outcome.state for outcome in ours])
        self._run_times.add(body.signature.name, [outcome.seconds for outcome in ours])
        self._run_times.note_if_due()
        return ours

    def _count(self, states: Sequence[State]) -> None:
        """Count what has ended, and what is tried again, for the worker's heartbeat."""
        numbers = [states.count(state) for state in (State.SUCCEEDED, State.FAILED, State.SCHEDULED)]
        self._slots.count(self._slot, *numbers)

    def _run_suspects(self, body: Body, ids: Sequence[UUID]) -> list[Outcome]:
        """Run each alone; those that the message's budget does not reach get messages of their own."""
        begun, outcomes = 0, []
        for id in self._within_budget(ids):
            begun += 1
            outcomes += self._run_leased(body, [id])
        if rest := ids[begun:]:
            with transaction() as db:
                requeue_unclaimed(db, rest, suspect=True)
        return outcomes

    def _run_atomic(self, body: Body, ids: Sequence[UUID]) -> list[Outcome]:
        begin: Callable[[], AbstractContextManager[Database]] = transaction if body.uses_database else raw_transaction
        with writer.handing_over() as take, begin() as db:
            jobs = lock(db, ids, seconds=body.signature.soft_limit, silence=body.signature.hard_limit)
            outcomes: list[Outcome] = []
            try:
                for job in self._within_budget(jobs):
                    outcomes.append(self._in_savepoint(body, job, db))
            except Interrupted:
                after_commit(db, lambda rest: log_handed_back(len(rest)), jobs[len(outcomes) :])
            finish(db, outcomes, worker=self._worker, lease=None, logs=take(outcomes))
            if rest := jobs[len(outcomes) :]:
                requeue_unclaimed(db, [job.id for job in rest])
        return outcomes

    def _in_savepoint(self, body: Body, job: Claimed, db: Database) -> Outcome:
        if not isinstance(db, Session):
            return self._executor.execute(body, job, None)
        savepoint = db.begin_nested()
        try:
            outcome = self._executor.execute(body, job, db)
        except Interrupted:
            savepoint.rollback()
            raise
        if outcome.state is State.SUCCEEDED:
            savepoint.commit()
        else:
            savepoint.rollback()
        return outcome

    def _run_leased(self, body: Body, ids: Sequence[UUID]) -> list[Outcome]:
        lease = uuid4()
        self._slots.write(self._slot, lease)  # before the claim: the main process keeps the lease from here on
        try:
            with autocommit() as db:
                jobs = claim(db, ids, worker=self._worker, lease=lease, seconds=self._lease_seconds)
            return self._run_claimed(body, jobs, lease)
        finally:
            self._slots.write(self._slot)

    def _run_claimed(self, body: Body, jobs: Sequence[Claimed], lease: UUID) -> list[Outcome]:
        batch = Batch(
            jobs,
            lambda outcomes: patiently(lambda: self._finish(outcomes, lease)),
            lambda rest, begun: patiently(lambda: self._hand_back(rest, lease, begun)),
        )
        with self._relieved(batch, jobs):
            begun = self._run_in_turn(body, batch, lease)
        returned = batch.end(begun)
        if begun:
            log_handed_back(returned)
        return batch.outcomes

    def _run_in_turn(self, body: Body, batch: Batch, lease: UUID) -> UUID | None:
        """Run one job after another; return the one that the worker's stop has broken off."""
        run = self._with_database if body.uses_database else self._without_database
        for job in batch.turns():
            try:
                outcome = run(body, job, lease)
                batch.add(outcome, settled=body.uses_database or self._has_left(outcome))
            except Interrupted:
                batch.broken_off(job)
                return job.id
            if not self._executor.may_go_on():
                batch.stop()
        return None

    @contextmanager
    def _relieved(self, batch: Batch, jobs: Sequence[Claimed]) -> Iterator[None]:
        """See to it that nothing of the batch waits for longer than the budget behind a job that takes long."""
        if len(jobs) == 1:
            yield
            return
        if self._relief is None:
            self._relief = Alarm(self._relieve)
            self._relief.start()
        self._batch = batch
        self._relief.set(time.monotonic() + self._budget)
        try:
            yield
        finally:
            self._relief.set(NEVER)
            self._batch = None

    def _relieve(self) -> None:
        if batch := self._batch:
            batch.relieve()

    def _without_database(self, body: Body, job: Claimed, lease: UUID) -> Outcome:
        return self._executor.execute(body, job, None, lease)

    def _with_database(self, body: Body, job: Claimed, lease: UUID) -> Outcome:
        """Run the body and finish the job in one transaction, or take all of its writes back."""
        started = clock.now()
        try:
            with writer.handing_over() as take, transaction() as db:
                outcome = self._executor.execute(body, job, db, lease)
                if outcome.state is not State.SUCCEEDED:
                    raise RolledBack(outcome)
                if not finish(db, [outcome], worker=self._worker, lease=lease, logs=take([outcome])):
                    raise LeaseLost(job.id)
        except RolledBack as back:
            outcome = back.outcome
            patiently(lambda: self._finish([outcome], lease))
        except SQLAlchemyError as error:
            # The commit was refused, or nobody knows whether it came through; if it did, the lease is gone
            # and this does nothing.
            outcome = self._executor.failed(body, job, started, error)
            patiently(lambda: self._finish([outcome], lease))
        except LeaseLost:
            self._note_lost(job)
        return outcome

    def _finish(self, outcomes: Sequence[Outcome], lease: UUID) -> None:
        with writer.handing_over() as take, autocommit() as db:
            ours = finish(db, outcomes, worker=self._worker, lease=lease, logs=take(outcomes))
        for outcome in outcomes:
            if outcome.job.id not in ours:
                self._note_lost(outcome.job)

    def _has_left(self, outcome: Outcome) -> bool:
        """Note that the work of a job goes on outside, where it does, and return whether."""
        if outcome.outside and not let_go(outcome.job, outcome.outside):
            self._lost.add(outcome.job.id)
        return outcome.outside is not None

    def _note_lost(self, job: Claimed) -> None:
        """Somebody else has the job now, so what became of this run counts for nothing."""
        self._lost.add(job.id)
        metrics.DISCARDED.inc()
        log.warning("lease_lost", job_id=str(job.id), task=job.task)

    def _hand_back(self, jobs: Sequence[Claimed], lease: UUID, begun: UUID | None) -> None:
        with autocommit() as db:
            hand_back(db, jobs, lease=lease, begun={begun} if begun else ())

    def _within_budget(self, jobs: Sequence[T]) -> Iterator[T]:
        """Yield one job after another until the message's time is up or the process is to end."""
        until = time.monotonic() + self._budget
        for position, job in enumerate(jobs):
            if position and (time.monotonic() > until or not self._executor.may_go_on()):
                return
            yield job


def log_handed_back(jobs: int) -> None:
    """Log that the worker, which stops or drains, has given so many jobs back to the queue, if any."""
    if jobs:
        log.info("jobs_handed_back", jobs=jobs)
