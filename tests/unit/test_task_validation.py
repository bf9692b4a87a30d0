"""Arguments are validated by the JSON Schema of their task, and what is wrong is said in words."""

import time
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import pytest
from pydantic import BaseModel, ConfigDict, Field

from bellhop.secret import Secret, secrets_of
from bellhop.text import ONE_LINE
from bellhop_ledger.tasks.schema import InvalidSchema
from bellhop_ledger.tasks.task import Arguments


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"]
    name: Annotated[str, Field(min_length=2)]


class Wanted(BaseModel):
    """All kinds of arguments."""

    model_config = ConfigDict(extra="forbid")

    number: int
    share: Annotated[float, Field(gt=0, le=1)] = 0.5
    steps: Annotated[int, Field(ge=1, multiple_of=5)] = 5
    title: Annotated[str, Field(max_length=20), ONE_LINE] = "x"
    code: Annotated[str, Field(pattern="^[a-z]+$")] = "x"
    flag: bool | None = None
    choice: Literal["a", "b"] = "a"
    body: str | dict[str, Any] | list[Any] | None = None
    at: datetime | None = None
    id: UUID | None = None
    pair: tuple[int, int] = (1, 2)
    some: Annotated[list[str], Field(max_length=3)] = []
    unique: set[int] = set()
    map: Annotated[dict[str, int], Field(max_length=2)] = {}
    pet: Annotated[Cat | Dog, Field(discriminator="kind")] | None = None
    pin: Annotated[str | None, Field(json_schema_extra={"minLength": 4, "maxLength": 8}), Secret()] = None


SCHEMA = Wanted.model_json_schema()
ENCRYPTED = "sealed:v1:0123456789abcdef:Z0FBQUFB"
ARGUMENTS = Arguments(SCHEMA, secrets_of(SCHEMA))


@pytest.mark.parametrize(
    ("given", "field", "message"),
    [
        ({}, "number", "is required"),
        ({"number": "5"}, "number", "must be an integer"),
        ({"number": 5.0}, "number", "must be an integer, written without a fraction"),
        ({"number": True}, "number", "must be an integer"),
        ({"share": 0}, "share", "must be greater than 0"),
        ({"share": 1.5}, "share", "must be at most 1"),
        ({"steps": 0}, "steps", "must be at least 1"),
        ({"steps": 7}, "steps", "must be a multiple of 5"),
        ({"title": "x" * 30}, "title", "must have at most 20 characters"),
        ({"title": "a\nb"}, "title", "must be one line of text without invisible signs"),
        ({"code": "1"}, "code", "is not written as its description says"),
        ({"flag": 1}, "flag", "must be true or false, or null"),
        ({"choice": "c"}, "choice", "must be 'a' or 'b'"),
        ({"body": 5}, "body", "must be text, an object, a list or null"),
        ({"at": "2030"}, "at", "must be a date and time with an offset (RFC 3339), such as 2030-01-31T09:30:00Z"),
        ({"id": "x"}, "id", "must be a UUID, such as 019c1e6c-e0fc-7e0f-a76d-98e69dc27f9d"),
        ({"pair": [1]}, "pair", "must have 2 items"),
        ({"pair": [1, "a"]}, "pair.1", "must be an integer"),
        ({"some": ["a", 1]}, "some.1", "must be text"),
        ({"some": ["a"] * 4}, "some", "must have at most 3 items"),
        ({"unique": [1, 1]}, "unique", "must not have an item twice"),
        ({"map": {"a": "x"}}, "map.a", "must be an integer"),
        ({"map": {"a": 1, "b": 2, "c": 3}}, "map", "must have at most 2 fields"),
        ({"pet": {"kind": "cow"}}, "pet.kind", "must be 'cat' or 'dog'"),
        ({"pet": {"kind": "dog", "name": "x"}}, "pet.name", "must have at least 2 characters"),
        ({"pet": {"kind": "dog"}}, "pet.name", "is required"),
        ({"pet": 5}, "pet", "must be an object"),
        ({"pin": "123"}, "pin", "must have 4 to 8 characters"),
        ({"colour": "red"}, "colour", "is not known here"),
    ],
)
def test_a_fault_has_the_path_of_its_field_and_words(given: dict[str, Any], field: str, message: str) -> None:
    args = given if not given else {"number": 1} | given

    assert [(fault.field, fault.message) for fault in ARGUMENTS.faults(args)] == [(field, message)]


def test_what_is_right_has_no_faults() -> None:
    args = Wanted(number=1, pet=Dog(kind="dog", name="Rex"), body={"a": [1.0]}).model_dump(mode="json")

    assert ARGUMENTS.faults(args) == []


def test_all_faults_are_named_at_once() -> None:
    faults = ARGUMENTS.faults({"share": 2, "choice": "c", "colour": "red"})

    assert {fault.field for fault in faults} == {"number", "share", "choice", "colour"}


def test_defaults_are_filled_in_and_belong_to_nobody_else() -> None:
    complete = ARGUMENTS.with_defaults({"number": 1})
    complete["some"].append("x")

    assert list(complete)[:3] == ["number", "share", "steps"]
    assert ARGUMENTS.with_defaults({"number": 1})["some"] == []


def test_a_secret_that_is_encrypted_is_not_measured() -> None:
    assert ARGUMENTS.faults({"number": 1, "pin": ENCRYPTED}) == []


def test_what_only_looks_encrypted_is_measured_like_any_other_text() -> None:
    [fault] = ARGUMENTS.faults({"number": 1, "title": ENCRYPTED})

    assert fault.field == "title"


@pytest.mark.parametrize(
    "hostile",
    [
        {"some": [1] * 200_000},
        {"body": [[1]] * 100_000, "pet": {"kind": ["x"] * 200_000}},
        {f"unknown{n}": n for n in range(80_000)},
        {"map": dict.fromkeys(map(str, range(100_000)), "x")},
        {"unique": [*range(100_000), 1]},
    ],
)
def test_to_refuse_a_large_request_costs_little(hostile: dict[str, Any]) -> None:
    began = time.process_time()
    faults = ARGUMENTS.faults({"number": 1} | hostile)

    assert time.process_time() - began < 5  # without the limits it takes longer than any reader waits
    assert 1 <= len(faults) <= 50


def test_a_schema_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(InvalidSchema):
        Arguments({"properties": {"a": {"pattern": "("}}}, {})


def test_no_schema_makes_a_process_reach_out() -> None:
    with pytest.raises(InvalidSchema):
        Arguments({"$ref": "http://127.0.0.1:9/schema.json"}, {})
