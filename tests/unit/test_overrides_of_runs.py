"""What a schedule says of its runs, where the task allows it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from bellhop.overrides import Overrides, RunOverrides, overrides_of


@dataclass
class Task:
    """A task that allows these overrides."""

    overridable: Collection[str]
    soft_limit: float = 60.0

    def attempts_of(self, args: Mapping[str, Any], /) -> int:
        return 3


@pytest.mark.parametrize(("allowed", "fields"), [(["expires"], []), (["label", "timeout"], ["expires_after"])])
def test_a_run_may_expire_where_the_task_allows_it_of_jobs(allowed: list[str], fields: list[str]) -> None:
    faults = list(RunOverrides(expires_after=60).faults(Task(allowed), {}))

    assert [fault.field for fault in faults] == fields


def test_it_expires_so_long_after_its_job_is_made() -> None:
    stored = RunOverrides(expires_after=60, label="Report").model_dump(exclude_none=True)

    columns = overrides_of(stored).columns  # type: ignore[union-attr]

    assert columns.keys() == {"start_before", "label"}
    left = datetime.fromisoformat(columns["start_before"]) - datetime.now(UTC)
    assert timedelta(seconds=50) < left <= timedelta(seconds=60)
    assert "start_before" not in RunOverrides(label="Report").columns


@pytest.mark.parametrize("wrong", [0, -1, float("inf"), float("nan"), 367 * 86400, "60", True])
def test_only_a_number_of_seconds_up_to_a_year_is_one(wrong: Any) -> None:
    with pytest.raises(ValidationError, match="expires_after"):
        RunOverrides(expires_after=wrong)


def test_a_submission_names_a_date_instead() -> None:
    with pytest.raises(ValidationError, match="expires_after"):
        Overrides.model_validate({"expires_after": 60})
