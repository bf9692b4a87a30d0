"""A schedule that fires each second, by which tests see what a scheduler does."""

from tests.stack import Stack

TASK = "test.listed"


def fire_each_second(stack: Stack) -> None:
    """Make the schedule; the system needs web for it."""
    body = {"name": "each second", "task": TASK, "args": {"what": "a second"}, "interval_seconds": 1}
    answer = stack.http.post("/api/schedules", json=body)
    assert answer.status_code == 201, answer.text


def fired(stack: Stack) -> int:
    """Return how many seconds were fired."""
    [(count,)] = stack.sql("SELECT count(*) FROM jobs WHERE task = %s", TASK)
    return int(count)
