"""Binding: a signature without its one fitting body keeps the worker from starting, and the message names it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache, partial, wraps
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from bellhop.signature import Mode, Signature, signature
from bellhop_ledger.ledger.claim import Claimed
from bellhop_worker.engine import own_loop
from bellhop_worker.engine.binding import BindingError, bind_all, bodies, body, check_async
from bellhop_worker.engine.results import Misfit, NotAResult
from bellhop_worker.engine.run import Run
from bellhop_worker.settings import WorkerSettings
from tests.loops import LoopThread

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

    with pytest.raises(Misfit, match="valid integer"):
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
    extra = {"bellhop_plugins": "tests.tasks"}

    with pytest.raises(BindingError, match=r"unit.add has no body"):
        bind_all(WorkerSettings(**SERVERS, **extra))  # type: ignore[arg-type]


async def coroutine(*, a: int, b: int) -> int:
    return a + b


async def async_generator(*, a: int, b: int) -> AsyncIterator[int]:
    yield a + b


def generator(*, a: int, b: int) -> Iterator[int]:
    yield a + b


class Adder:
    def __init__(self, *, a: int = 0, b: int = 0):
        self.sum = a + b

    def __call__(self, *, a: int, b: int) -> int:
        return a + b

    async def later(self, *, a: int, b: int) -> int:
        return a + b


class AsyncAdder:
    async def __call__(self, *, a: int, b: int) -> int:
        return a + b


WITHOUT_RESULT = [
    (async_generator, "an async generator function"),
    (generator, "a generator function"),
    (Adder, "a class"),
]
ASYNC = [coroutine, AsyncAdder(), Adder().later, lru_cache(coroutine)]


@pytest.mark.parametrize(("function", "kind"), WITHOUT_RESULT)
@pytest.mark.parametrize("wrap", [lambda function: function, partial, lambda function: partial(partial(function))])
def test_a_body_whose_call_does_not_return_its_result_is_refused_by_name(
    add: Signature[..., Any], function: Callable[..., Any], kind: str, wrap: Callable[..., Any]
) -> None:
    with pytest.raises(BindingError, match=f"unit.add: the body is {kind}; it must be a function that returns"):
        body(add)(wrap(function))


@pytest.mark.parametrize("function", ASYNC)
@pytest.mark.parametrize("wrap", [lambda function: function, partial, lambda function: partial(partial(function))])
def test_an_async_body_is_known_by_what_its_call_runs(
    add: Signature[..., Any], function: Callable[..., Any], wrap: Callable[..., Any]
) -> None:
    body(add)(wrap(function))

    assert bodies["unit.add"].is_async


def test_a_process_of_the_pool_runs_async_bodies_in_a_loop_that_stays(add: Signature[..., Any]) -> None:
    loops: list[asyncio.AbstractEventLoop] = []

    @body(add)
    async def bound(*, a: int, b: int) -> int:
        loops.append(asyncio.get_running_loop())
        return a + b

    assert [bodies["unit.add"](run_of('{"a": 5, "b": 7}'), None) for _ in range(2)] == [12, 12]
    assert loops[0] is loops[1]
    assert not loops[0].is_closed()
    own_loop.kept.pop().close()


async def with_database(db: Session, *, a: int, b: int) -> int:
    return a + b


@pytest.mark.parametrize(
    ("function", "slots", "mode", "words"),
    [
        (coroutine, 0, Mode.LEASED, "this worker runs none"),
        (coroutine, 5, Mode.ATOMIC, "its mode must be leased"),
        (with_database, 5, Mode.LEASED, "must not ask for the database session"),
    ],
)
def test_an_async_body_that_cannot_run_is_refused_by_name(
    add: Signature[..., Any], function: Callable[..., Any], slots: int, mode: Mode, words: str
) -> None:
    body(replace(add, mode=mode))(function)

    with pytest.raises(BindingError, match=f"unit.add: the body is async.*{words}"):
        check_async(bodies["unit.add"], slots)


def synchronous(function: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(function)
    def run(**kwargs: Any) -> Any:
        with closing(LoopThread()) as loop:
            return loop.run(function(**kwargs))

    return run


@pytest.mark.parametrize("function", [synchronous(coroutine), Adder(), partial(Adder()), lru_cache(lambda_of(None))])  # type: ignore[arg-type]
def test_every_callable_that_returns_its_result_can_be_a_body(
    add: Signature[..., Any], function: Callable[..., Any]
) -> None:
    body(add)(function)

    assert bodies["unit.add"](run_of('{"a": 5, "b": 7}'), None) == 12


class Awaitable:
    def __await__(self) -> Iterator[None]:
        yield


async def nothing() -> None:
    pass


@pytest.mark.parametrize("make", [nothing, Awaitable, lambda: async_generator(a=1, b=2)])
def test_an_awaitable_is_no_result(add: Signature[..., Any], make: Callable[[], Any]) -> None:
    @body(add)
    def bound(*, a: int, b: int) -> int:
        return make()  # type: ignore[no-any-return]

    with pytest.raises(NotAResult, match=r"The body returned \w+; it must return its result"):
        bodies["unit.add"](run_of('{"a": 5, "b": 7}'), None)
