"""Execution: every error of a body becomes an outcome, after the delay of its policy or the one it asks for."""

import asyncio
import os
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from celery.exceptions import Ignore, Reject, SoftTimeLimitExceeded
from celery.exceptions import Retry as CeleryRetry
from pydantic import TypeAdapter

from bellhop.errors import Later, Permanent
from bellhop.signature import Retry, Signature
from bellhop_ledger.ledger.claim import Claimed
from bellhop_ledger.ledger.finish import FOREVER, Outcome
from bellhop_ledger.ledger.tables import State
from bellhop_ledger.platform import clock
from bellhop_worker.engine import slot_table
from bellhop_worker.engine.binding import Body
from bellhop_worker.engine.execution import Executor
from bellhop_worker.engine.interrupts import Cancelled, Interrupted, Interrupts
from bellhop_worker.engine.slot_table import SlotTable
from tests.unit.test_failures import ODD_ERRORS

JOB = UUID(int=7)
ERRORS: list[Callable[[], BaseException]] = [
    asyncio.CancelledError,
    KeyboardInterrupt,
    GeneratorExit,
    SystemExit,
    StopIteration,
    StopAsyncIteration,
    MemoryError,
    RecursionError,
    AssertionError,
    BaseException,
    Cancelled,
    Interrupted,
    Ignore,
    Reject,
    CeleryRetry,
    SoftTimeLimitExceeded,
    lambda: BaseExceptionGroup("all", [asyncio.CancelledError(), KeyboardInterrupt()]),
    *(make for make, _ in ODD_ERRORS),
]


@pytest.fixture
def slots(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlotTable]:
    monkeypatch.delenv("BELLHOP_SLOT_TABLE", raising=False)
    SlotTable.create(1)
    made = SlotTable(os.environ["BELLHOP_SLOT_TABLE"], 1)
    yield made
    made.remove()


def execute(slots: SlotTable, function: Callable[[], Any], attempt: int = 1) -> Outcome:
    """How a run of this body ends; its policy is to wait for 7 s."""

    def stub() -> Any:
        """Do it."""

    signature = Signature("unit.execute", stub, retry=Retry(attempts=2, first=7, jitter=0))
    job = Claimed(JOB, "unit.execute", "{}", attempt, 2, clock.now(), None, cancelled=False)
    return Executor(Interrupts(slots, 0), keep=60).execute(Body(signature, function, {}), job, None)


def raising(error: BaseException) -> Callable[[], None]:
    def function() -> None:
        raise error

    return function


@pytest.mark.parametrize("make", ERRORS, ids=range(len(ERRORS)))
def test_every_error_is_tried_again_after_the_delay_of_the_policy_and_then_fails(
    slots: SlotTable, make: Callable[[], BaseException]
) -> None:
    again, last = (execute(slots, raising(make()), attempt) for attempt in (1, 2))

    assert (again.state, again.delay) == (State.SCHEDULED, 7)
    assert last.state is State.FAILED
    assert last.failure is not None
    assert "in function" in last.failure.traceback


def test_a_permanent_error_fails_at_once(slots: SlotTable) -> None:
    assert execute(slots, raising(Permanent("no"))).state is State.FAILED


@pytest.mark.parametrize(
    ("seconds", "delay"),
    [(9, 9), (3, 7), (-1, 7), (float("nan"), 7), (float("inf"), FOREVER), (10**400, 7), ("soon", 7), (None, 7)],
)
def test_a_body_may_ask_for_a_longer_delay(slots: SlotTable, seconds: Any, delay: float) -> None:
    assert execute(slots, raising(Later("busy", seconds))).delay == delay


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (ValueError(), "failed"),
        (Permanent("no"), "failed"),
        (Later("busy", 1), "retried"),
        (SoftTimeLimitExceeded(), "timed_out"),
    ],
)
def test_what_became_of_an_attempt_follows_from_its_error(slots: SlotTable, error: BaseException, outcome: str) -> None:
    failure = execute(slots, raising(error)).failure

    assert failure is not None
    assert failure.outcome == outcome


def test_who_asks_for_another_attempt_and_has_none_left_has_failed(slots: SlotTable) -> None:
    failure = execute(slots, raising(Later("busy", 1)), attempt=2).failure

    assert failure is not None
    assert failure.outcome == "failed"


def test_a_body_s_own_validation_error_is_tried_again(slots: SlotTable) -> None:
    outcome = execute(slots, lambda: TypeAdapter(int).validate_python("what somebody has answered"))

    assert outcome.state is State.SCHEDULED


def test_a_stop_that_a_body_turns_into_another_error_is_still_a_stop(slots: SlotTable) -> None:
    slots.raise_flag(slot_table.INTERRUPTING)

    with pytest.raises(Interrupted):
        execute(slots, lambda: None)


def test_a_wish_to_cancel_that_a_body_turns_into_another_error_is_still_one(slots: SlotTable) -> None:
    interrupts = Interrupts(slots, 0)

    def function() -> None:
        slots.ask_to_stop(0, JOB)
        try:
            interrupts._look()
        except BaseException as error:
            raise RuntimeError("cleaning up failed") from error

    def stub() -> Any:
        """Do it."""

    job = Claimed(JOB, "unit.execute", "{}", 1, 2, clock.now(), None, cancelled=False)
    body = Body(Signature("unit.execute", stub), function, {})

    assert Executor(interrupts, keep=60).execute(body, job, None).state is State.CANCELLED
