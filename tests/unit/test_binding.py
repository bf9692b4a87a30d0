"""Binding: a signature without its one fitting body keeps the worker from starting, and the message names it."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError
from sqlalchemy.orm import Session

from bellhop.ledger.claim import Claimed
from bellhop.signatures import Signature, signature
from bellhop_worker.binding import BindingError, bind_all, bodies, body
from bellhop_worker.run import Run
from bellhop_worker.settings import WorkerSettings

SERVERS = {"database_url": "postgresql://nowhere/none", "redis_url": "redis://nowhere"}


@pytest.fixture
def add() -> Signature[..., Any]:
    @signature("unit.add")
    def add(*, a: int, b: int) -> int:
        """Add."""

    return add


def run_of(args: str) -> Run:
    job = Claimed.__new__(Claimed)
    object.__setattr__(job, "args", args)
    object.__setattr__(job, "id", UUID(int=1))
    object.__setattr__(job, "run_at", datetime(2030, 1, 31, tzinfo=UTC))
    return Run(job)


def test_a_body_stays_a_plain_function(add: Signature[..., Any]) -> None:
    @body(add)
    def bound(*, a: int, b: int) -> int:
        return a + b

    assert bound(a=5, b=7) == 12


def test_a_bound_body_is_given_the_job_s_arguments(add: Signature[..., Any]) -> None:
    body(add)(lambda_of(add))

    assert bodies["unit.add"](run_of('{"a": 5, "b": 7}'), None) == 12


def lambda_of(add: Signature[..., Any]) -> Callable[..., int]:
    def sum_up(*, a: int, b: int) -> int:
        return a + b

    return sum_up


def test_a_body_may_ask_for_the_run_and_the_database_by_their_types(add: Signature[..., Any]) -> None:
    @body(add)
    def bound(session: Session, current: Run, *, a: int, b: int) -> int:
        return a + b if current.job.id.int == 1 else 0

    assert bodies["unit.add"].uses_database
    assert bodies["unit.add"](run_of('{"a": 5, "b": 7}'), None) == 12


def test_what_a_body_returns_is_checked(add: Signature[..., Any]) -> None:
    @body(add)
    def bound(*, a: int, b: int) -> int:
        return "twelve"  # type: ignore[return-value]

    with pytest.raises(ValidationError):
        bodies["unit.add"](run_of('{"a": 5, "b": 7}'), None)


def test_a_second_body_is_refused(add: Signature[..., Any]) -> None:
    body(add)(lambda_of(add))

    with pytest.raises(BindingError, match=r"unit.add has two bodies"):
        body(add)(lambda_of(add))


def fewer(*, a: int) -> int:
    return a


def more(*, a: int, b: int, c: int) -> int:
    return a + b + c


def other_names(*, x: int, y: int) -> int:
    return x + y


def other_types(*, a: int, b: str) -> int:
    return a + int(b)


def no_types(*, a, b):  # type: ignore[no-untyped-def]
    return a + b


@pytest.mark.parametrize("function", [fewer, more, other_names, other_types, no_types])
def test_a_body_with_other_parameters_is_refused(add: Signature[..., Any], function: Callable[..., Any]) -> None:
    with pytest.raises(BindingError, match=r"unit.add: the body takes .*, the signature says a: int, b: int"):
        body(add)(function)


def test_a_signature_without_a_body_is_refused(add: Signature[..., Any]) -> None:
    extra = {"extra_signatures": "tests.tasks.signatures", "extra_bodies": "tests.tasks.bodies"}

    with pytest.raises(BindingError, match=r"unit.add has no body"):
        bind_all(WorkerSettings(**SERVERS, **extra))  # type: ignore[arg-type]
