"""What is wrong is looked for until there is enough of it."""

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from bellhop.errors import MOST_FAULTS, Invalid
from bellhop.manifest import manifest_of
from bellhop_ledger.tasks.task import Task
from bellhop_web.accounts.requests import Credentials
from bellhop_web.http.enough import MANY
from bellhop_web.http.problems import faults_of
from bellhop_web.jobs.wanted import BatchRequest
from bellhop_web.schedules.importing import ImportRequest
from tests.tasks.signatures import add

UNKNOWN = {f"field{number}": 1 for number in range(80_000)}


def faults(model: type[BaseModel], body: Any) -> list[str]:
    """The fields at fault."""
    with pytest.raises(ValidationError) as refused:
        model.model_validate(body)
    return [fault.field for fault in faults_of(refused.value)]


def test_of_very_many_unknown_fields_some_are_named_and_so_is_all_that_is_missing() -> None:
    found = faults(Credentials, UNKNOWN)

    assert found[:2] == ["email", "password"]
    assert found[2:] == [f"field{number}" for number in range(MOST_FAULTS + 1)]


def test_what_is_known_is_looked_at_wherever_it_stands() -> None:
    assert faults(Credentials, UNKNOWN | {"email": "ada@example.org", "password": 5})[0] == "password"


def test_unknown_arguments_of_a_job_are_as_few() -> None:
    task = Task.of(manifest_of(add), "a release")

    with pytest.raises(Invalid) as refused:
        task.checked(UNKNOWN)

    assert [fault.field for fault in refused.value.faults] == ["a", "b", *list(UNKNOWN)[: MOST_FAULTS - 2]]


def test_a_list_is_looked_at_until_enough_is_wrong() -> None:
    found = faults(BatchRequest, {"jobs": [{"task": "a"}, *[{"task": 5, "x": 1}] * 9_999]})

    assert found == [f"jobs.{n}.{name}" for n in range(1, 26) for name in ("task", "x")]


def test_the_next_list_is_looked_at_anew() -> None:
    for _ in range(3):
        assert faults(BatchRequest, {"jobs": [{"task": 5}] * 100})[0] == "jobs.0.task"

    assert len(BatchRequest.model_validate({"jobs": [{"task": "a"}] * 100}).jobs) == 100


def test_schedules_beyond_enough_faults_are_not_looked_at() -> None:
    read = ImportRequest.model_validate({"schedules": [{"name": 5, "x": 1}] * 10_000})

    kinds = [len(one.faults) for one in read.schedules]  # type: ignore[attr-defined]
    assert kinds[0] > 1
    assert kinds[-1] == 1


def test_faults_that_are_far_too_many_are_counted_and_not_named() -> None:
    class Numbers(BaseModel):
        numbers: list[int]

    with pytest.raises(ValidationError) as refused:
        Numbers.model_validate({"numbers": ["x"] * (MANY + 1)})

    [fault] = faults_of(refused.value, "args")
    assert (fault.field, fault.message) == ("args", "has 1,001 faults, too many to name them")
