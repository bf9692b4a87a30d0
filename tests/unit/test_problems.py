"""Problems: pydantic's errors become faults that name a field."""

from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from bellhop.errors import Fault
from bellhop_web.http.problems import faults_of, summarize
from bellhop_web.server.answers import refusal


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")

    number: int
    even: int = 0

    @field_validator("even")
    @classmethod
    def is_even(cls, value: int) -> int:
        if value % 2:
            raise ValueError("must be even")
        return value


class Outer(BaseModel):
    inner: list[Inner] = Field(default_factory=list)
    facts: dict[str, int] = Field(default_factory=dict)
    header: str = Field(default="", alias="X-Header", max_length=3)


def faults(value: Any, *prefix: str) -> tuple[Fault, ...]:
    with pytest.raises(ValidationError) as caught:
        Outer.model_validate(value)
    return faults_of(caught.value, *prefix)


@pytest.mark.parametrize(
    ("value", "field", "message"),
    [
        ({"inner": [{"number": 1}, {}]}, "inner.1.number", "is required"),
        ({"inner": [{"number": 1, "x": 1}]}, "inner.0.x", "is not known here"),
        ({"inner": [{"number": 1, "even": 3}]}, "inner.0.even", "must be even"),
        ({"inner": {}}, "inner", "must be a list"),
        ({"facts": []}, "facts", "must be an object"),
        ({"X-Header": "long"}, "X-Header", "must have at most 3 characters"),
        ([], "body", "must be an object"),
    ],
)
def test_a_fault_names_its_field_in_our_words(value: Any, field: str, message: str) -> None:
    assert faults(value) == (Fault(field, message),)


def test_a_fault_says_where_the_whole_thing_stands() -> None:
    assert [fault.field for fault in faults({"inner": [{}]}, "jobs", "3", "args")] == ["jobs.3.args.inner.0.number"]
    assert [fault.field for fault in faults([], "jobs", "3")] == ["jobs.3"]


def test_many_faults_are_summed_up_in_one_line() -> None:
    assert summarize((Fault("a", "is required"),)) == "a: is required"
    assert summarize((Fault("a", "is required"), Fault("b", "x"), Fault("c", "x"))) == "a: is required (and 2 more)"


def test_a_very_long_field_is_cut() -> None:
    assert len(summarize((Fault("a" * 10_000, "is not known here"),))) < 300


def test_the_server_s_own_answer_is_a_whole_http_answer() -> None:
    head, _, body = refusal(431, "too many headers").partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 431 Request Header Fields Too Large\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
    assert b"application/problem+json" in head
