"""Submit in this process: what JSON cannot carry is refused before it becomes something else."""

from typing import Any

import pytest

from bellhop.errors import Invalid
from bellhop_ledger.ledger.submit import submit
from bellhop_ledger.platform.database import transaction
from tests.tasks.signatures import note_down


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize(
    ("what", "fault"),
    [
        (float("nan"), "what: must be a finite number"),
        ([1, {"a": float("inf")}], "what.1.a: must be a finite number"),
        ({"a": "\0"}, "what.a: must not contain the NUL character"),
    ],
)
def test_an_argument_that_json_cannot_carry_is_refused_by_name(what: Any, fault: str) -> None:
    with transaction() as db, pytest.raises(Invalid, match=fault):
        submit(db, note_down, what=what)
