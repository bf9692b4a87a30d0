"""Submissions: from a request's body to rows of the ledger."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self
from uuid import UUID

from flask import current_app, g, request
from pydantic import Field
from sqlalchemy import text
from sqlalchemy.orm import Session

from bellhop.errors import Fault, Invalid, Refused
from bellhop.overrides import AnyOverrides
from bellhop.signature import OVERRIDES
from bellhop_ledger.ledger.due import begins_at
from bellhop_ledger.ledger.submit import NewJob, submit_all
from bellhop_ledger.ledger.tables import PEOPLE, Job
from bellhop_ledger.platform.secrets import keyed
from bellhop_ledger.schedules.check import under
from bellhop_ledger.tasks.known import known_tasks
from bellhop_ledger.tasks.task import Task
from bellhop_web.auth.callers import Caller, current_caller
from bellhop_web.http.fields import IdempotencyKey
from bellhop_web.http.problems import did_you_mean
from bellhop_web.http.request import Parameters, request_id
from bellhop_web.jobs.wanted import JobRequest


class SubmitHeaders(Parameters):
    """Headers of a submission."""

    idempotency_key: IdempotencyKey | None = Field(
        default=None,
        alias="Idempotency-Key",
        description="Makes it safe to send the request again: the same key with the same body gives back what "
        "the first request made, with another body it is refused. A key belongs to your token and is remembered "
        "for as long as the job is kept.",
        examples=["order-4711"],
    )


SINGLE = "/api/jobs"
"""Where a job is submitted alone."""


@dataclass(frozen=True)
class Origin:
    """Where jobs come from: whose request, which one, and how to know it again."""

    submitter: str
    request_id: str
    path: str
    key: str | None
    request_hash: str | None = None
    former_hashes: Sequence[str] = ()
    trace_context: str | None = None

    @classmethod
    def of_request(cls, header: SubmitHeaders) -> Self:
        """Describe the present request."""
        origin = cls.of(header)
        return origin.with_hash(hash_of(request.get_json())) if origin.key else origin

    @classmethod
    def of(cls, header: SubmitHeaders) -> Self:
        """Describe the present request when its body is not JSON; see `with_hash`."""
        step = g.get("step")
        return cls(
            current_caller().name,
            request_id(),
            request.path,
            header.idempotency_key,
            trace_context=step.context if step else None,
        )

    @classmethod
    def of_form(cls, key: str | None, content: dict[str, Any]) -> Self:
        """Describe the form of a page, which its key makes one submission however often its button is clicked.

        The same form with other content is another submission, and not a misuse of the key.
        """
        origin, hashed = cls.of(SubmitHeaders()), hash_of(content)
        known = f"{key}:{keyed(hashed)[0][-32:]}" if key else None
        return replace(origin, key=known).with_hash(hashed)

    def with_hash(self, content: str) -> Self:
        """Add the hash of the request where it has an idempotency key. It is made with a key of ours."""
        if not self.key:
            return self
        hashed, *former = keyed(content)
        return replace(self, request_hash=hashed, former_hashes=[*former, content])  # the release before stored it bare

    def of_one(self, key: str, content: dict[str, Any]) -> Self:
        """Return the origin of one job of a batch with a key of its own: that of a request for this job alone."""
        return replace(self, path=SINGLE, key=key).with_hash(hash_of(content))

    def key_of(self, place: tuple[str, ...]) -> str | None:
        """Return a key for each job of a batch, made from the batch's key and the job's place in it."""
        return f"{self.path}:{'/'.join(place)}:{self.key}" if self.key else None


class NoTasks(Refused):
    """No worker has published its tasks yet, so none is known; try again."""

    status = 503
    retry_after = 2


def checked_arguments(task: str, args: dict[str, Any], *place: str) -> tuple[Task, dict[str, Any]]:
    """Return a task and its arguments as they are stored.

    Raises Invalid, which names the field, and NoTasks before anything is published.
    """
    try:
        return _checked(task, args, place)
    except Refused:
        if not known_tasks().look_again():
            raise
        return _checked(task, args, place)


def _checked(name: str, args: dict[str, Any], place: tuple[str, ...]) -> tuple[Task, dict[str, Any]]:
    tasks = known_tasks().current().tasks
    if not tasks:
        raise NoTasks
    if name not in tasks:
        raise Invalid(faults=[Fault(".".join([*place, "task"]), _no_task(name, tasks))])
    try:
        return tasks[name], tasks[name].checked(args)
    except Invalid as error:
        raise under(error, *place, "args") from None


def new_job(wanted: JobRequest, origin: Origin, *place: str) -> NewJob:
    """Check what is wanted. Raises Invalid, which names the field; `place` is where the job stands."""
    task, args = checked_arguments(wanted.task, wanted.args, *place)
    overrides = None if wanted.model_fields_set.isdisjoint(OVERRIDES) else wanted
    if overrides:
        check_overrides(overrides, task, args, *place)
    return NewJob(
        task,
        args,
        wanted.run_at,
        wanted.delay,
        wanted.priority,
        submitter=origin.submitter,
        idempotency_key=origin.key_of(place),
        request_hash=origin.request_hash,
        former_hashes=origin.former_hashes,
        request_id=origin.request_id,
        trace_context=origin.trace_context,
        overrides=overrides,
        parent=None,
    )


def permitted_job(wanted: JobRequest, origin: Origin, *place: str) -> NewJob:
    """Check what is wanted, and that who asks may submit it. Raises NotItsTask, and Invalid, which names the field."""
    caller = current_caller()
    caller.require_task(wanted.task, *place)
    new = new_job(wanted, origin, *place)
    caller.require_queue(new.queue, *place)
    return new


def check_overrides(given: AnyOverrides, task: Task, args: dict[str, Any], *place: str) -> None:
    """Raise Invalid where somebody says of a job what its task, as it is published now, does not allow."""
    faults = _faults_of_overrides(given, task, args)
    if faults and known_tasks().look_again():
        faults = _faults_of_overrides(given, known_tasks().get(task.name, task), args)
    if faults:
        raise under(Invalid(faults=faults), *place)


def _faults_of_overrides(given: AnyOverrides, task: Task, args: dict[str, Any]) -> list[Fault]:
    faults = list(given.faults(task, args))
    if isinstance(given, JobRequest):
        faults += given.faults_of_time(begins_at(given.run_at, given.delay))
    queues = known_tasks().current().queues
    if given.queue is not None and given.queue not in queues:
        faults.append(Fault("queue", f"is not known: it must be one of {', '.join(sorted(queues))}"))
    return faults


UNFINISHED = text("""
    SELECT count(*) FROM unfinished_jobs
    WHERE user_id = :user AND state IN ('blocked', 'scheduled', 'queued', 'running')
""")
ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('unfinished jobs of ' || :user, 0))")


class TooManyUnfinished(Refused):
    """You have too many unfinished jobs."""

    status = 429
    retry_after = 30

    def __init__(self, most: int):
        super().__init__(f"You may have {most} unfinished jobs at a time; wait until some have ended")


def submit_for(db: Session, caller: Caller, new: Sequence[NewJob], *, queue: str | None = PEOPLE) -> list[Job]:
    """Write the jobs of somebody's request and return their rows. Raises KeyReused and TooManyUnfinished.

    What plain users ask for waits in a queue of its own (None: in that of its task), and nobody may have more than
    USER_UNFINISHED_JOBS that have not ended. What an operator asks for is as urgent as anything else.
    """
    if caller.user_id is None or not caller.is_bounded:
        return submit_all(db, new)
    user, most = str(caller.user_id), int(current_app.config["USER_UNFINISHED_JOBS"])
    db.execute(ONE_AT_A_TIME, {"user": user})
    jobs = submit_all(db, [_of_user(job, caller.user_id, queue) for job in new])
    made = {job.id for job in new} & {job.id for job in jobs}
    if made and db.execute(UNFINISHED, {"user": user}).scalar_one() > most:
        raise TooManyUnfinished(most)
    return jobs


def _of_user(job: NewJob, user_id: UUID, queue: str | None) -> NewJob:
    return replace(job, waits_in=queue, user_id=user_id)


def _no_task(name: str, tasks: Iterable[str]) -> str:
    return f"there is no task {name!r}{did_you_mean(name, tasks) or '; GET /api/tasks lists them'}"


def hash_of(body: dict[str, Any]) -> str:
    """Return what distinguishes two requests with one key. It is not for storing: see `Origin.with_hash`."""
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
