"""What a submission may say: the bodies of POST /api/jobs and /api/jobs/batch."""

from typing import Annotated, Any

from pydantic import ConfigDict, Field, ValidationInfo, WrapValidator, field_validator
from pydantic.config import JsonDict

from bellhop.overrides import Overrides
from bellhop.priority import DEFAULT_PRIORITY, HIGHEST_PRIORITY, LOWEST_PRIORITY
from bellhop_ledger.ledger.due import LONGEST_DELAY
from bellhop_ledger.ledger.submit import MOST_JOBS
from bellhop_web.http.enough import look_at_items, look_unless_enough
from bellhop_web.http.fields import IdempotencyKey, Moment, both
from bellhop_web.http.request import Closed

ONE_MOMENT: JsonDict = {"not": both("run_at", "delay")}
"""What one_moment() checks, in JSON Schema."""


class WantedWork(Closed):
    """What is to be done: now, at a date, or after a delay."""

    model_config = ConfigDict(json_schema_extra=ONE_MOMENT)

    task: str = Field(max_length=200, description="Name of a task, see `GET /api/tasks`")
    args: dict[str, Any] = Field(default_factory=dict, description="The task's arguments by name")
    run_at: Moment | None = Field(
        default=None,
        description="When it is due: ISO 8601 (UTC when it has no offset) or seconds since 1970. "
        "A date in the past means now.",
        examples=["2030-01-31T09:30:00Z", 1_896_082_200],
    )
    delay: Annotated[float, Field(ge=0, le=LONGEST_DELAY, allow_inf_nan=False)] | None = Field(
        default=None, description="Seconds from now, in place of `run_at`", examples=[90]
    )
    priority: int = Field(
        default=DEFAULT_PRIORITY,
        ge=LOWEST_PRIORITY,
        le=HIGHEST_PRIORITY,
        description="Among the jobs that wait in a queue, 9 goes first and 0 last",
    )

    @field_validator("delay")
    @classmethod
    def one_moment(cls, delay: float | None, others: ValidationInfo) -> float | None:
        """Refuse two ways of saying when."""
        if delay is not None and others.data.get("run_at") is not None:
            raise ValueError("must not be given together with run_at")
        return delay


class JobRequest(Overrides, WantedWork):
    """A job that is wanted, and what it does in another way than the others of its task."""

    expires: Moment | None = Field(
        default=None,
        description=f"{Overrides.model_fields['expires'].description}: ISO 8601 (UTC when it has no offset) or seconds "
        "since 1970",
        examples=["2030-01-31T10:00:00Z"],
    )


class BatchJob(JobRequest):
    """A job of a batch."""

    key: IdempotencyKey | None = Field(
        default=None,
        description="The idempotency key of this job alone, in place of the header: as if the job had been sent to "
        "`POST /api/jobs` with this `Idempotency-Key`",
        examples=["order-4711"],
    )


class BatchRequest(Closed):
    """Jobs that are accepted together or not at all."""

    jobs: Annotated[
        list[Annotated[BatchJob, WrapValidator(look_unless_enough)]],
        Field(min_length=1, max_length=MOST_JOBS, description="Up to 10,000 jobs"),
        WrapValidator(look_at_items),
    ]
