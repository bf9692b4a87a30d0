"""Results: a number that is not finite is refused wherever it stands, and never becomes null."""

from collections import deque
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from bellhop.signature import Signature
from bellhop_ledger.ledger.claim import Claimed
from bellhop_worker.engine.results import UnstorableResult, ready
from bellhop_worker.engine.run import Run

NAN, INFINITY = float("nan"), float("inf")


class Model(BaseModel):
    number: Any


@dataclass
class Data:
    number: Any


class Level(Enum):
    HIGHEST = INFINITY


class Measure(float):
    """As numpy.float64 is: a float by another name."""


class Opaque:
    def __float__(self) -> float:
        return 1.5


def returning(kind: Any) -> Signature[..., Any]:
    def stub() -> Any:
        """Return it."""

    stub.__annotations__["return"] = kind
    return Signature(f"unit.returns {kind}", stub)


@pytest.mark.parametrize("number", [NAN, INFINITY, -INFINITY, Measure(NAN), Decimal("NaN"), Decimal("-Infinity")])
@pytest.mark.parametrize(
    "place",
    [
        lambda number: number,
        lambda number: {"a": number},
        lambda number: {number: 1},
        lambda number: [1, number],
        lambda number: (number,),
        lambda number: {1, number},
        lambda number: frozenset([number]),
        lambda number: deque([number]),
        lambda number: Model(number=[number]),
        lambda number: Data({"b": number}),
        lambda number: [Data(Model(number=number))],
    ],
)
def test_a_number_that_is_not_finite_is_refused(number: Any, place: Any) -> None:
    with pytest.raises(UnstorableResult, match=r"^result.*: must be a finite number$"):
        ready(returning(Any), place(number))


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (float, NAN),
        (float | None, INFINITY),
        (dict[str, float], {"a": NAN}),
        (list[float], [INFINITY]),
        (tuple[float, int], (NAN, 1)),
        (Model, Model(number=NAN)),
        (Data, Data(NAN)),
        (Level, Level.HIGHEST),
        (object, NAN),
        (complex, complex(1, NAN)),
    ],
)
def test_it_is_refused_whatever_the_signature_says(kind: Any, value: Any) -> None:
    with pytest.raises(UnstorableResult, match="must be a finite number"):
        ready(returning(kind), value)


@pytest.mark.parametrize("value", [Opaque(), [Opaque()], object(), {"a": {1j: Opaque()}}, (n for n in [1.0, NAN])])
def test_what_is_no_json_is_refused(value: Any) -> None:
    with pytest.raises(UnstorableResult, match="result"):
        ready(returning(Any), value)


def test_what_holds_itself_is_refused() -> None:
    value: list[Any] = []
    value.append(value)

    with pytest.raises(UnstorableResult, match="result"):
        ready(returning(Any), value)


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=10,
)


@given(plain)
def test_what_json_can_carry_stays_as_it_is(value: Any) -> None:
    assert ready(returning(Any), value) == value


@pytest.mark.parametrize("number", [NAN, INFINITY, Decimal("NaN"), 10**400])
def test_progress_that_is_not_finite_is_refused_by_name(number: Any) -> None:
    run = Run(Claimed.__new__(Claimed))

    with pytest.raises(ValueError, match="progress: current must be a finite number"):
        run.progress(number)
    with pytest.raises(ValueError, match="progress: total must be a finite number"):
        run.progress(1, number)
