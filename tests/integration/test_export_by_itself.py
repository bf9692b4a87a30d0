"""A whole system that exports each day of ended jobs before it forgets it."""

import gzip
import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.stack import Stack, wait_until

MakeStack = Callable[..., Stack]
NOW = "UPDATE schedules SET next_due_at = now(), fire_at = now() WHERE task = 'jobs.export' RETURNING id"


def ended_long_ago(stack: Stack, number: int) -> date:
    """Run jobs that are to be forgotten on a day that is over."""
    day = datetime.now(UTC).date() - timedelta(days=2)
    stack.sql("SELECT bellhop.add_ended_day(%s)", day)
    for job in stack.submit_many([{"task": "test.write_batch", "args": {"key": f"{n}"}} for n in range(number)]):
        stack.ended(job["id"])
    stack.sql("UPDATE jobs SET tier = 1, forget_on = %s, expires_at = now() WHERE task = 'test.write_batch'", day)
    return day


def test_a_day_is_exported_and_then_forgotten(make_stack: MakeStack, tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    stack = make_stack("web", "worker", EXPORT_ENDED_JOBS_TO=str(folder))
    day = ended_long_ago(stack, 20)

    stack.start_service("scheduler")
    wait_until(lambda: stack.sql(NOW))

    wait_until(lambda: stack.states() == {})
    lines = gzip.decompress((folder / f"jobs-{day}.jsonl.gz").read_bytes()).splitlines()
    assert sorted(json.loads(line)["args"]["key"] for line in lines) == sorted(map(str, range(20)))
    assert stack.sql("SELECT day, jobs FROM exported_days") == [(day, 20)]


@pytest.mark.long
def test_a_day_that_cannot_be_exported_stays_and_operators_are_told(make_stack: MakeStack, tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    stack = make_stack("web", "worker", EXPORT_ENDED_JOBS_TO=str(folder))
    day = ended_long_ago(stack, 3)
    operator = stack.user("operator")
    operator.http.cookies.update(operator.cookies)

    stack.start_service("scheduler")
    wait_until(lambda: stack.sql(NOW))

    wait_until(lambda: stack.sql("SELECT error FROM exported_days"))
    wait_until(lambda: stack.metrics("scheduler").get("bellhop_unexported_days") == 1)
    assert f"The jobs to be forgotten on {day} could not be exported" in operator.http.get("/jobs").text
    later = stack.submit("test.write", args={"key": "other"}, delay=1)
    assert stack.ended(later["id"])["state"] == "succeeded", "other maintenance goes on"
    assert stack.states("test.write_batch") == {"succeeded": 3}

    folder.mkdir()
    stack.sql(NOW)

    wait_until(lambda: stack.states("test.write_batch") == {})
    assert (folder / f"jobs-{day}.jsonl.gz").exists()
    assert "could not be exported" not in operator.http.get("/jobs").text
