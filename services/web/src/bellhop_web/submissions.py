"""Submissions: from a request's body to rows of the ledger."""

import hashlib
import json
from typing import Annotated, Any, Self

from flask import g, request
from pydantic import Field, ValidationError, model_validator

from bellhop.errors import Fault, Invalid
from bellhop.jobs import DEFAULT_PRIORITY, HIGHEST_PRIORITY, LOWEST_PRIORITY
from bellhop.ledger.submit import NewJob
from bellhop.signatures import registry
from bellhop_web.fields import Closed, Moment
from bellhop_web.problems import faults_of
from bellhop_web.requests import request_id

LONGEST_DELAY = 100 * 365 * 86_400
MOST_JOBS = 10_000
LONGEST_KEY = 200


class JobRequest(Closed):
    """A job that is wanted: now, at a date, or after a delay."""

    task: str = Field(description="Name of a task, see /api/tasks", examples=["products.very_slow_add"])
    args: dict[str, Any] = Field(
        default_factory=dict, description="The task's arguments, see its schema", examples=[{"a": 5, "b": 7}]
    )
    run_at: Moment | None = Field(default=None, description="ISO 8601 (UTC when it has no offset), or Unix seconds")
    delay: Annotated[float, Field(ge=0, le=LONGEST_DELAY, allow_inf_nan=False)] | None = Field(
        default=None, description="Seconds from now, in place of run_at"
    )
    priority: int = Field(
        default=DEFAULT_PRIORITY, ge=LOWEST_PRIORITY, le=HIGHEST_PRIORITY, strict=True, description="9 goes first"
    )

    @model_validator(mode="after")
    def one_moment(self) -> Self:
        """Refuse two ways of saying when."""
        if self.run_at is not None and self.delay is not None:
            raise ValueError("run_at and delay exclude each other")
        return self


class BatchRequest(Closed):
    """Up to 10,000 jobs that are accepted together or not at all."""

    jobs: list[JobRequest] = Field(min_length=1, max_length=MOST_JOBS)


def new_job(wanted: JobRequest, *place: str) -> NewJob:
    """Check the task and its arguments. Raises Invalid, which names the field; `place` is where the job stands."""
    signature = registry.get(wanted.task)
    if signature is None:
        raise Invalid(faults=[Fault(".".join([*place, "task"]), f"there is no task {wanted.task!r}; see /api/tasks")])
    try:
        checked = signature.arguments.model_validate_json(json.dumps(wanted.args))
    except ValidationError as error:
        raise Invalid(faults=faults_of(error, *place, "args")) from None
    return NewJob(
        signature,
        checked.model_dump(mode="json"),
        wanted.run_at,
        wanted.delay,
        wanted.priority,
        submitter=g.submitter,
        request_id=request_id(),
        **idempotency(*place),
    )


def idempotency(*place: str) -> dict[str, Any]:
    """Read the Idempotency-Key header: the same key gives back the first job, never a second one.

    Within a batch each job has a key of its own, made from that of the batch and its place in it.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return {}
    if not 1 <= len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise Invalid(faults=[Fault("Idempotency-Key", f"must be 1 to {LONGEST_KEY} printable ASCII characters")])
    body = json.dumps([request.path, request.get_json()], sort_keys=True)
    return {
        "idempotency_key": "/".join([request.path, *place, key]),
        "request_hash": hashlib.sha256(body.encode()).hexdigest(),
    }
