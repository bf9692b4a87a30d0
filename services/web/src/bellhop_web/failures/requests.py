"""What a request says of the failures that it wants."""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, Field

from bellhop_web.http.fields import Name, number
from bellhop_web.http.request import Query


class Since(StrEnum):
    """How far back failures count."""

    HOUR = "1h"
    DAY = "24h"
    WEEK = "7d"
    ALL = "all"

    @property
    def length(self) -> timedelta | None:
        """The length of the window; None: all that is kept."""
        return LENGTHS.get(self)

    @property
    def words(self) -> str:
        """Write it for people."""
        return WORDS[self]


LENGTHS = {Since.HOUR: timedelta(hours=1), Since.DAY: timedelta(days=1), Since.WEEK: timedelta(days=7)}
WORDS = {
    Since.HOUR: "the last hour",
    Since.DAY: "the last 24 hours",
    Since.WEEK: "the last 7 days",
    Since.ALL: "all that is kept",
}
SLOW = frozenset({Since.WEEK, Since.ALL})
"""Windows that may take a second and more where many jobs have failed."""


class FailedState(StrEnum):
    """Where a job stands that has failed of something."""

    FAILED = "failed"
    CANCELLED = "cancelled"
    RETRYING = "retrying"


class FailureQuery(Query):
    """Which failures to group."""

    since: Since = Field(
        default=Since.DAY, description="How far back: `1h`, `24h`, `7d` or `all` that is kept, which takes longest"
    )
    task: Name | None = Field(default=None, description="Only of this task", examples=["http.request"])
    queue: Name | None = Field(default=None, description="Only of this queue", examples=["default"])
    state: FailedState | None = Field(
        default=None,
        description="Only jobs that `failed`, that were `cancelled` with an error, or that are `retrying`: they wait "
        "for their next attempt",
    )
    limit: Annotated[int, BeforeValidator(number)] = Field(
        default=20, ge=1, le=50, description="How many reasons at most: those with the most jobs"
    )
