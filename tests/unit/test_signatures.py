"""Signatures: a stub becomes a name, a model of its arguments and a policy."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from pydantic import SecretStr, ValidationError

from bellhop.signature import DuplicateSignature, Mode, NotASignature, Retry, Signature, registry, signature
from bellhop_ledger.tasks.load import load
from bellhop_worker.settings import WorkerSettings

SETTINGS = WorkerSettings(database_url=SecretStr("postgresql://nowhere/none"), redis_url=SecretStr("redis://nowhere"))
NOON = datetime(2030, 1, 31, 12, 0, 0, 700_000, tzinfo=UTC)


@pytest.fixture
def greet() -> Signature[..., str]:
    @signature("unit.greet", queue="slow", mode=Mode.ATOMIC)
    def greet(*, name: str, times: int = 1) -> str:
        """Greet somebody."""

    return greet


def test_a_signature_has_a_name_a_policy_and_a_description(greet: Signature[..., str]) -> None:
    assert (greet.name, greet.queue, greet.mode, greet.priority) == ("unit.greet", "slow", Mode.ATOMIC, 5)
    assert greet.description == "Greet somebody."


def test_the_model_of_the_arguments_knows_types_and_defaults(greet: Signature[..., str]) -> None:
    assert greet.arguments(name="Ada").model_dump() == {"name": "Ada", "times": 1}


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({}, "name"),
        ({"name": 5}, "name"),
        ({"name": "Ada", "times": "2"}, "times"),
        ({"name": "Ada", "times": 2.0}, "times"),
        ({"name": "Ada", "colour": "red"}, "colour"),
    ],
)
def test_the_model_of_the_arguments_is_strict_and_closed(
    greet: Signature[..., str], arguments: dict[str, Any], field: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        greet.arguments(**arguments)

    assert [error["loc"] for error in caught.value.errors()] == [(field,)]


def test_a_stub_that_takes_positions_is_no_signature() -> None:
    def stub(name: str) -> None: ...

    with pytest.raises(NotASignature, match=r"unit.bad: parameter name must be keyword-only and annotated"):
        signature("unit.bad")(stub)


def test_a_stub_without_annotations_is_no_signature() -> None:
    def stub(*, name) -> None: ...  # type: ignore[no-untyped-def]

    with pytest.raises(NotASignature, match=r"unit.bad: parameter name"):
        signature("unit.bad")(stub)


def test_a_stub_that_returns_nothing_that_is_said_is_no_signature() -> None:
    def stub(*, name: str): ...  # type: ignore[no-untyped-def]

    with pytest.raises(NotASignature, match=r"unit.bad: the return type is missing"):
        signature("unit.bad")(stub)


def test_types_that_json_does_not_know_are_refused_by_name() -> None:
    class Thing: ...

    def stub(*, thing: Thing) -> Thing: ...

    made = signature("unit.thing")(stub)

    with pytest.raises(NotASignature, match=r"unit.thing: its arguments"):
        _ = made.arguments
    with pytest.raises(NotASignature, match=r"unit.thing: its result"):
        _ = made.returns


def test_a_stub_that_is_no_signature_is_not_registered() -> None:
    def stub(*args: int) -> None: ...

    with pytest.raises(NotASignature):
        signature("unit.bad")(stub)

    assert "unit.bad" not in registry


def test_two_signatures_of_one_name_are_refused() -> None:
    def stub() -> None: ...

    signature("unit.twice")(stub)

    with pytest.raises(DuplicateSignature, match=r"unit.twice"):
        signature("unit.twice")(stub)


def test_when_and_how_urgently_is_said_on_a_copy(greet: Signature[..., str]) -> None:
    urgent = greet.at(NOON).with_priority(9)
    later = greet.after(90)

    assert (urgent.run_at, urgent.delay, urgent.priority) == (NOON, None, 9)
    assert (later.run_at, later.delay, later.priority) == (None, 90, 5)
    assert (greet.run_at, greet.delay, greet.priority) == (None, None, 5)


def test_a_result_is_checked_against_what_the_stub_returns(greet: Signature[..., str]) -> None:
    assert greet.returns.validate_python("hello") == "hello"
    with pytest.raises(ValidationError):
        greet.returns.validate_python(5)


def test_ids_travel_as_text() -> None:
    def stub(*, id: UUID) -> None: ...

    made = signature("unit.id")(stub)
    text = "019c1e6c-e0fc-7e0f-a76d-98e69dc27f9d"

    assert made.arguments.model_validate_json(f'{{"id": "{text}"}}').model_dump(mode="json") == {"id": text}


def test_loading_gives_the_shipped_signatures() -> None:
    assert {"files.prune", "http.request", "mail.send"} <= load(SETTINGS).keys()


@pytest.mark.parametrize(("attempt", "seconds"), [(1, 2), (2, 6), (3, 18), (6, 486), (7, 600), (10_000, 600)])
def test_the_pause_grows_up_to_the_longest(attempt: int, seconds: float) -> None:
    assert Retry(first=2, factor=3, longest=600, jitter=0).delay(attempt) == seconds


def test_the_pause_is_spread_by_the_jitter() -> None:
    delays = {Retry(first=100, jitter=0.25).delay(1) for _ in range(200)}

    assert all(75 <= delay <= 125 for delay in delays)
    assert len(delays) > 100
