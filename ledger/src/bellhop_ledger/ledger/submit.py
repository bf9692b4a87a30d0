"""Submit: write a job's row in the caller's transaction and remember its message for after the commit."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import TextClause, select, text
from sqlalchemy.orm import Session

from bellhop.errors import Conflict, Fault, Invalid
from bellhop.overrides import AnyOverrides, Limits
from bellhop.priority import DEFAULT_PRIORITY
from bellhop.signature import P, R, Signature
from bellhop_ledger.broker.messages import SUMMARY_LENGTH, ReadyJob
from bellhop_ledger.ledger.due import SOON, begins_at, wake_scheduler
from bellhop_ledger.ledger.insert import insert_of
from bellhop_ledger.ledger.outbox_sender import send
from bellhop_ledger.ledger.retention.tiers import row_of
from bellhop_ledger.ledger.tables import Job, JobKey, State
from bellhop_ledger.ledger.traces import Contexts, sending
from bellhop_ledger.platform import tracing
from bellhop_ledger.platform.database import Database, after_commit, uuid7
from bellhop_ledger.platform.jsontext import not_finite, unstorable
from bellhop_ledger.platform.log import bound_job_id, bound_request_id
from bellhop_ledger.platform.metrics.jobs import submissions
from bellhop_ledger.platform.statements import run
from bellhop_ledger.tasks.encryption import encrypt_secrets


class KeyReused(Conflict):
    """This idempotency key was used before, for a different request."""


class TaskLike(Limits, Protocol):
    """A task, known by its signature or by its manifest."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def queue(self) -> str:
        """Where its jobs wait."""

    @property
    def quiet(self) -> bool:
        """Whether its successes are of no interest."""

    def limit_key_of(self, args: Mapping[str, Any], /) -> str | None:
        """Return what a job with these arguments is limited by besides its task."""


@dataclass(frozen=True)
class NewJob:
    """What is needed to write a job's row; `args` are ready for JSON."""

    signature: TaskLike
    args: dict[str, Any]
    run_at: datetime | None = None
    delay: float | None = None
    priority: int = DEFAULT_PRIORITY
    submitter: str | None = None
    user_id: UUID | None = None
    idempotency_key: str | None = None
    key_field: str | None = None
    """The field of its request that has the key, as an error names it; None where that is a header."""
    request_hash: str | None = None
    former_hashes: Sequence[str] = ()
    """What the same request was stored under with another key, or by the release before."""
    request_id: str | None = field(default_factory=bound_request_id)
    trace_context: str | None = field(default_factory=tracing.context)
    schedule: str | None = None
    due_at: datetime | None = None
    start_before: datetime | None = None
    waits_in: str | None = None
    """Another queue than its task's, whatever its submission says."""
    overrides: AnyOverrides | None = None
    parent: UUID | None = field(default_factory=bound_job_id)
    """The job whose body submits it."""
    id: UUID = field(default_factory=uuid7)

    @property
    def task(self) -> str:
        """The task's name."""
        return self.signature.name

    @property
    def queue(self) -> str:
        """Where its message goes."""
        return self.waits_in or (self.overrides and self.overrides.queue) or self.signature.queue


UNTRACED: Contexts = {}
REUSED = "was used before, for a different request"
MOST_ROWS, LONGEST_PIECE = 1_000, 1_000_000
"""Jobs, and characters of them, that one statement writes at the most, unless a single one is longer."""
MOST_JOBS = 10_000
"""Jobs that one request may submit together."""
KEY_PATTERN, KEY_WORDS = r"^[!-+\--~]{1,200}$", "1 to 200 visible ASCII characters without a comma"
"""What an idempotency key is. A comma is how two headers of one name arrive."""
WRITE = insert_of("CAST(:rows AS jsonb)")
# Its columns are named: with an asterisk, Postgres refuses a prepared statement once a migration has added one.
INSERT = text(f"{WRITE} ON CONFLICT DO NOTHING RETURNING {row_of('jobs')}")
MADE = f"made AS ({WRITE} WHERE new.id IN (SELECT job_id FROM claimed) RETURNING jobs.id, jobs.state)"
"""The runs that become jobs: those that their statement has claimed in the table of runs, where each is unique."""


def submit(db: Session, signature: Signature[P, R], *args: P.args, **kwargs: P.kwargs) -> Job:
    """Write a job in this transaction; its message follows the commit.

    When and how urgently it runs is said on the signature: `submit(db, close_poll.at(date), poll_id=7)`.
    Raises pydantic's ValidationError, which names the wrong argument, and Invalid for one that JSON cannot carry.
    """
    checked = signature.arguments(**kwargs)
    stored = checked.model_dump(mode="json")
    when, overrides = (signature.run_at, signature.delay), signature.overrides
    faults = [*not_finite(checked.model_dump()), *unstorable(stored)]
    if overrides:
        faults += [*overrides.faults(signature, stored), *overrides.faults_of_time(begins_at(*when))]
    if faults:
        raise Invalid(f"{faults[0].field}: {faults[0].message}", faults)
    if signature.secrets:
        stored = encrypt_secrets(signature.name, signature.secrets, stored)
    job = NewJob(signature, stored, *when, priority=signature.priority, overrides=overrides)
    return submit_all(db, [job])[0]


def submit_all(db: Database, new: Sequence[NewJob], *, publish: bool = True) -> list[Job]:
    """Write many jobs and give their rows in the same order.

    A job whose idempotency key exists already is answered with the row of that first one, and
    raises KeyReused when the request was a different one. With `publish` false the caller sends the messages itself.
    """
    written = write(db, new, publish=publish)
    if len(written) == len(new):
        return [written[job.id] for job in new]
    earlier = _earlier(db, [job for job in new if job.id not in written])
    found = [written.get(job.id) or earlier.get((job.submitter, job.idempotency_key)) for job in new]
    return [job for job in found if job is not None]


def write(db: Database, new: Sequence[NewJob], *, publish: bool = True) -> dict[UUID, Job]:
    """Write many jobs and return the rows of those that were not there already, by their ids."""
    # In the order of their keys: two requests with the same keys wait for one another, and must not both wait.
    ordered = sorted(new, key=lambda job: job.idempotency_key or "")
    with sending(new) if tracing.recorder else nullcontext(UNTRACED) as contexts:
        rows = [_row(job, contexts.get(job.id)) for job in ordered]
        # Where each statement is a transaction, all jobs are written by one: so all of them are, or none.
        pieces = _pieces(rows) if isinstance(db, Session) else [json.dumps(rows)]
        written = {row.id: Job.of_row(row) for piece in pieces for row in run(db, INSERT, rows=piece)}
    ours = [written[job.id] for job in new if job.id in written]
    if any(job.state is State.SCHEDULED and job.run_at - job.created_at <= SOON for job in ours):
        wake_scheduler(db)
    after_commit(db, _count, [job.task for job in ours])
    if publish:
        after_commit(db, send, [ready_job_of(job) for job in ours if job.state is State.QUEUED])
    return written


def submit_runs(db: Database, new: Sequence[NewJob], statement: TextClause, **more: object) -> list[NewJob]:
    """Write the jobs of due runs and return those that nothing holds; the caller sends their messages.

    The statement claims the runs, contains MADE and returns the ids and states of what was made.
    A thousand may be due in one second, so no rows are read back: what was written is known.
    """
    with sending(new) if tracing.recorder else nullcontext(UNTRACED) as contexts:
        rows = json.dumps([_row(job, contexts.get(job.id)) for job in new])
        states = {row.id: row.state for row in run(db, statement, rows=rows, **more)}
    after_commit(db, _count, [job.task for job in new if job.id in states])
    return [job for job in new if states.get(job.id, State.BLOCKED) != State.BLOCKED]


def _pieces(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield the rows as JSON, not too much of it at once.

    The backend that takes 10,000 rows with one statement keeps 65 MB afterwards, for as long as the connection lives.
    """
    if len(rows) <= MOST_ROWS and (len(text := json.dumps(rows)) <= LONGEST_PIECE or len(rows) == 1):
        yield text
    else:
        yield from _pieces(rows[: len(rows) // 2])
        yield from _pieces(rows[len(rows) // 2 :])


def _row(job: NewJob, trace_context: str | None) -> dict[str, Any]:
    row = {
        "id": str(job.id),
        "task": job.task,
        "args": job.args,
        "queue": job.queue,
        "priority": job.priority,
        "max_attempts": job.signature.attempts_of(job.args),
        "limit_key": job.signature.limit_key_of(job.args),
        "run_at": job.run_at and job.run_at.isoformat(),
        "delay": job.delay,
        "submitter": job.submitter,
        "user_id": job.user_id and str(job.user_id),
        "idempotency_key": job.idempotency_key,
        "request_hash": job.request_hash,
        "request_id": job.request_id,
        "trace_context": trace_context,
        "schedule": job.schedule,
        "due_at": job.due_at and job.due_at.isoformat(),
        "start_before": job.start_before and job.start_before.isoformat(),
    }
    if job.parent:
        row["parent"] = str(job.parent)
    if job.overrides:
        row |= job.overrides.columns
    return row


def _count(tasks: list[str]) -> None:
    for task, number in Counter(tasks).items():
        submissions(task).inc(number)


def ready_job_of(job: Job | NewJob) -> ReadyJob:
    """Return what a message says of this job."""
    summary = json.dumps(job.args)[:SUMMARY_LENGTH]
    return ReadyJob(job.id, job.task, job.queue, job.priority, suspect=False, summary=summary)


def _earlier(db: Database, refused: Sequence[NewJob]) -> dict[tuple[str | None, str | None], Job]:
    asked: set[tuple[str | None, str | None]]
    asked = {(job.submitter, job.idempotency_key) for job in refused if job.idempotency_key}
    if not asked:
        return {}
    # Two lists, and not one of pairs: Postgres nests pairs as deep as the list is long, and gives up at some thousands.
    submitters, keys = ({pair[place] for pair in asked} for place in (0, 1))
    known = select(JobKey.job_id).where(JobKey.submitter.in_(submitters), JobKey.key.in_(keys))
    found = Session(db.connection()).scalars(select(Job).where(Job.id.in_(known)))
    earlier = {pair: job for job in found if (pair := (job.submitter, job.idempotency_key)) in asked}
    if reused := [new for new in refused if _is_another(new, earlier.get((new.submitter, new.idempotency_key)))]:
        raise KeyReused(faults=[Fault(new.key_field, REUSED) for new in reused if new.key_field])
    return earlier


def _is_another(new: NewJob, first: Job | None) -> bool:
    """Whether the job that has the key already was asked for by a different request."""
    return first is not None and first.request_hash not in (new.request_hash, *new.former_hashes)
