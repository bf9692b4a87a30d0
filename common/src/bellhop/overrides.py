"""Overrides: what a submission says of its own job, in place of what the task says of all of them."""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Protocol

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from bellhop.errors import Fault
from bellhop.signature import MOST_ATTEMPTS, OVERRIDES
from bellhop.text import ONE_LINE, Shape

LONGEST_EXPIRY = 366 * 86400
"""Seconds: a year."""
SAME_AS = {"expires_after": "expires"}
"""Overrides that a task allows by the name of another one."""
MOST_TAGS, LONGEST_TAG, LONGEST_LABEL = 20, 64, 200
TAG_SHAPE = Shape(r"[A-Za-z0-9_.:/@=+-]+", "letters, digits and _ . : / @ = + -")


class Limits(Protocol):
    """What a task says of its jobs, by which their overrides are checked."""

    @property
    def overridable(self) -> Collection[str]:
        """The overrides that a submission may have."""

    @property
    def soft_limit(self) -> float:
        """Seconds until the body is interrupted."""

    def attempts_of(self, args: Mapping[str, Any], /) -> int:
        """Return how many attempts a job with these arguments has at most."""


def _once_each(tags: list[str]) -> list[str]:
    return list(dict.fromkeys(tags))


Tag = Annotated[str, Field(min_length=1, max_length=LONGEST_TAG), TAG_SHAPE]
Queue = Annotated[
    str, Field(max_length=200), Shape("[A-Za-z0-9_.-]+", "letters, digits, points, hyphens and underscores")
]


class AnyOverrides(BaseModel):
    """What is said of one job, or of each job of a schedule; what is empty is as the task says."""

    model_config = ConfigDict(extra="forbid", strict=True)

    queue: Queue | None = Field(
        default=None,
        description="Where it waits for a worker: a queue of another task, or one that a worker serves. "
        "This and the next fields may be set where the task allows it, see `overridable` in `GET /api/tasks`",
        examples=["slow"],
    )
    max_attempts: int | None = Field(
        default=None,
        ge=1,
        le=MOST_ATTEMPTS,
        description="After so many attempts the job has failed; a job that is tried only once stays so",
        examples=[2],
    )
    timeout: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = Field(
        default=None,
        description="Seconds until the run is interrupted; at most the task's own `soft_limit`",
        examples=[10],
    )
    tags: Annotated[list[Tag], Field(max_length=MOST_TAGS), AfterValidator(_once_each)] | None = Field(
        default=None, description="Words by which jobs are found again", examples=[["invoices", "tenant:7"]]
    )
    label: Annotated[str, Field(max_length=LONGEST_LABEL), ONE_LINE] | None = Field(
        default=None, description="One line that lists show beside the task's name", examples=["Invoice 4711"]
    )

    def faults(self, task: Limits, args: Mapping[str, Any]) -> Iterator[Fault]:
        """Yield what the task does not allow for a job with these arguments."""
        for name in (*OVERRIDES, *SAME_AS):
            if getattr(self, name, None) is not None and SAME_AS.get(name, name) not in task.overridable:
                allowed = ", ".join(sorted(task.overridable)) or "nothing"
                yield Fault(name, f"must not be set for jobs of this task, which allows: {allowed}")
        if self.max_attempts is not None and self.max_attempts > 1 and task.attempts_of(args) == 1:
            yield Fault("max_attempts", "must be 1: with these arguments the task tries a job only once")
        if self.timeout is not None and self.timeout > task.soft_limit:
            yield Fault("timeout", f"must be at most {task.soft_limit:g}, the limit of the task")

    @property
    def columns(self) -> dict[str, Any]:
        """What a job's row takes as it is, ready for JSON."""
        return self.model_dump(mode="json", include={"max_attempts", "timeout", "tags", "label"}, exclude_none=True)


class RunOverrides(AnyOverrides):
    """What is said of each job of a schedule; what is empty is as the task says."""

    expires_after: Annotated[float, Field(gt=0, le=LONGEST_EXPIRY, allow_inf_nan=False)] | None = Field(
        default=None,
        description="If a run has not begun so many seconds after it was due, or made where that was later, it is "
        "cancelled, and shown as `expired`. It may be set where the task allows `expires`",
        examples=[3600],
    )

    @property
    def columns(self) -> dict[str, Any]:
        """What a job's row takes as it is, ready for JSON, if the job is made now."""
        if self.expires_after is None:
            return super().columns
        return super().columns | {
            "start_before": (datetime.now(UTC) + timedelta(seconds=self.expires_after)).isoformat()
        }


class Overrides(AnyOverrides):
    """What a submission says of its own job; what is empty is as the task says."""

    expires: AwareDatetime | None = Field(
        default=None,
        description="If it has not begun by then, it is cancelled, and shown as `expired`. It lies in the future, "
        "and after `run_at`",
        examples=["2030-01-31T10:00:00Z"],
    )

    def faults_of_time(self, due: datetime | None) -> Iterator[Fault]:
        """Yield what is wrong with the date of a job that is due then, or now."""
        if self.expires is not None and self.expires <= datetime.now(UTC):
            yield Fault("expires", "must lie in the future")
        elif self.expires is not None and due is not None and self.expires <= due:
            yield Fault("expires", "must lie after the date at which the job is due")

    @property
    def columns(self) -> dict[str, Any]:
        """What a job's row takes as it is, ready for JSON."""
        return super().columns | ({"start_before": self.expires.isoformat()} if self.expires else {})


def overrides_of(stored: Mapping[str, Any] | None) -> RunOverrides | None:
    """Return overrides that were checked when they were stored."""
    return RunOverrides.model_construct(**stored) if stored else None
