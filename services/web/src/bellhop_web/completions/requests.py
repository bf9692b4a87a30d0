"""What an endpoint says of a job."""

from itertools import combinations
from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from bellhop_web.http.fields import NOT_NULL, NULL, both
from bellhop_web.http.request import Closed

WAYS = ("progress", "heartbeat", "result", "error")
LONGEST_WAIT = 3_600
"""Seconds that a next attempt may be put off."""


def _with_result(way: str) -> JsonDict:
    return {"required": ["result", way], "properties": {way: NOT_NULL}}


NOTHING: JsonDict = {
    "properties": {"progress": NULL, "heartbeat": NULL, "error": NULL},
    "not": {"required": ["result"]},
}
TWO_THINGS: list[JsonDict] = [
    *(both(one, other) for one, other in combinations(("progress", "heartbeat", "error"), 2)),
    *(_with_result(way) for way in ("progress", "heartbeat", "error")),
]
RETRY_OF_NO_ERROR: list[JsonDict] = [
    {"required": [field], "properties": {"error": NULL}} for field in ("retry", "retry_after")
]
ONE_THING: JsonDict = {"not": {"anyOf": [NOTHING, *TWO_THINGS, *RETRY_OF_NO_ERROR]}}
"""This says in JSON Schema what say_one_thing() checks."""

Number = Annotated[float, Field(allow_inf_nan=False)]


class ProgressReport(Closed):
    """How far the work is."""

    current: Number = Field(description="How much is done")
    total: Number | None = Field(default=None, description="How much there is to do")
    message: Annotated[str, Field(max_length=10_000)] | None = Field(default=None, description="What is being done")


class FailureReport(Closed):
    """Why the work failed."""

    message: Annotated[str, Field(max_length=10_000)] = Field(description="What went wrong, for people")
    type: Annotated[str, Field(min_length=1, max_length=200)] = Field(
        default="EndpointError", description="A word for its kind", examples=["CardDeclined"]
    )


class Completion(Closed):
    """What becomes of an attempt: one of `progress`, `heartbeat`, `result` and `error`."""

    model_config = ConfigDict(json_schema_extra=ONE_THING)

    progress: ProgressReport | None = Field(
        default=None, description="The work goes on, and is so far; it counts as a heartbeat"
    )
    heartbeat: Literal[True] | None = Field(default=None, description="The work goes on")
    result: Any = Field(default=None, description="The work is done, and this came of it: any JSON, also null")
    error: FailureReport | None = Field(default=None, description="The work failed")
    retry: bool = Field(
        default=False, description="Of an `error`: whether another attempt, if one is left, may succeed"
    )
    retry_after: Annotated[float, Field(ge=0, le=LONGEST_WAIT, allow_inf_nan=False)] | None = Field(
        default=None, description="With `retry`: seconds until the next attempt at least"
    )

    @model_validator(mode="after")
    def say_one_thing(self) -> Self:
        """Refuse what says nothing, or two things."""
        said = [way for way in WAYS if way in self.model_fields_set and (way == "result" or getattr(self, way))]
        if len(said) != 1:
            raise ValueError("must have one of progress, heartbeat, result and error")
        if said != ["error"] and {"retry", "retry_after"} & self.model_fields_set:
            raise ValueError("must have retry and retry_after beside an error only")
        return self

    @property
    def ends(self) -> bool:
        """Whether the attempt ends with it."""
        return self.error is not None or "result" in self.model_fields_set
