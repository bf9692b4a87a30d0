"""GET /api/counts: what was counted, exactly, and what is refused."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from tests.problems import fields_of
from tests.stack import Stack, wait_until

TASK, QUIET = "test.fail", "files.prune"


def counts(stack: Stack, **query: Any) -> dict[str, Any]:
    answer = stack.http.get("/api/counts", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def ends(stack: Stack) -> tuple[int, int]:
    """How often jobs of the task failed for good, and how often one was tried again, in the last hour."""
    total = counts(stack, task=TASK)["total"]
    return total["failed"], total["retried"]


def test_what_fails_is_counted_while_the_minute_goes_on(stack: Stack) -> None:
    failed, retried = ends(stack)

    stack.ended(stack.submit(TASK, args={"times": 9})["id"])

    wait_until(lambda: ends(stack) >= (failed + 1, retried + 2))
    found = counts(stack, task=TASK)
    assert len(found["points"]) == 60
    assert sum(point["failed"] for point in found["points"]) == found["total"]["failed"]
    assert found["total"]["run"]["p50"] <= found["total"]["run"]["p99"]
    assert [task["task"] for task in found["tasks"]] == [TASK]


def test_points_are_whole_hours_of_utc_and_follow_one_another(stack: Stack) -> None:
    found = counts(stack, step="hour", since=(datetime.now(UTC) - timedelta(hours=5)).isoformat())
    starts = [datetime.fromisoformat(point["starts_at"]) for point in found["points"]]

    assert all(start.minute == 0 for start in starts)
    assert all(later - earlier == timedelta(hours=1) for earlier, later in pairwise(starts))


def test_quiet_tasks_are_counted_where_they_are_asked_for(stack: Stack) -> None:
    def names(**query: Any) -> set[str]:
        return {task["task"] for task in counts(stack, **query)["tasks"]}

    stack.ended(stack.submit(QUIET)["id"])

    wait_until(lambda: QUIET in names(quiet="true"))
    assert QUIET not in names()
    assert names(task=QUIET) == {QUIET}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"step": "second"}, "step"),
        ({"since": "yesterday"}, "since"),
        ({"since": "2000-01-01T00:00:00Z"}, "since"),
        ({"until": "2000-01-01T00:00:00Z"}, "until"),
        ({"until": "0001-01-01T00:00:00Z"}, "until"),
        ({"since": "9999-12-31T23:59:59Z"}, "since"),
        ({"step": "hour", "since": (datetime.now(UTC) - timedelta(days=80)).isoformat()}, "since"),
        ({"since": (datetime.now(UTC) - timedelta(hours=6)).isoformat()}, "since"),
        ({"per": "task"}, "per"),
    ],
)
def test_what_cannot_be_shown_is_refused_with_the_field(stack: Stack, query: dict[str, str], field: str) -> None:
    answer = stack.http.get("/api/counts", params=query)

    assert (answer.status_code, fields_of(answer)) == (422, [field])


def test_a_later_end_is_now(stack: Stack) -> None:
    found = counts(stack, until="9999-12-31T23:59:59Z")

    assert datetime.fromisoformat(found["until"]) - datetime.now(UTC) <= timedelta(minutes=1)
