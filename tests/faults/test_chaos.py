"""The drill itself: a short one is passed, and whatever would break the promise is found."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from tests.chaos.drill import Drill, make_stack
from tests.chaos.plan import Plan
from tests.chaos.verdict import Verdict, judge
from tests.stack import Stack

FIRST_RUN = "SELECT schedule, min(due_at) FROM jobs WHERE task = 'chaos.tick' GROUP BY schedule LIMIT 1"
SOME = "SELECT id FROM jobs WHERE task = %s AND state = %s LIMIT 1"


@pytest.fixture(scope="module")
def drill(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Drill, Verdict]]:
    """A drill that was done, its stack and its verdict."""
    stack = make_stack(tmp_path_factory.mktemp("chaos"))
    made = Drill(stack, Plan.of(seed=3, jobs=150, seconds=10))
    try:
        yield made, made.run()
    finally:
        stack.stop()


def one(stack: Stack, task: str, state: str) -> str:
    return str(stack.sql(SOME, task, state)[0][0])


def test_a_short_drill_is_passed(drill: tuple[Drill, Verdict]) -> None:
    done, verdict = drill

    assert verdict.broken == []
    assert len(done.journal.accepted) == 150
    assert verdict.accepted > 150, "the runs of the schedules count as well"


def forget_job(stack: Stack) -> None:
    stack.sql("DELETE FROM jobs WHERE id = %s", one(stack, "chaos.outside", "succeeded"))


def forget_effect(stack: Stack) -> None:
    stack.sql("DELETE FROM effects WHERE key = %s", one(stack, "chaos.atomic", "succeeded"))


def forget_run(stack: Stack) -> None:
    [(schedule, first)] = stack.sql(FIRST_RUN)
    stack.sql("DELETE FROM jobs WHERE schedule = %s AND due_at = %s", schedule, first + timedelta(seconds=2))


def double_effect(stack: Stack) -> None:
    stack.sql("INSERT INTO effects VALUES (%s)", one(stack, "chaos.leased", "succeeded"))


def double_end(stack: Stack) -> None:
    stack.sql("INSERT INTO ends VALUES (%s)", one(stack, "chaos.async", "succeeded"))


def double_job(stack: Stack) -> None:
    columns = [
        name
        for (name,) in stack.sql("SELECT attname FROM pg_attribute WHERE attrelid = 'jobs'::regclass AND attnum > 0")
    ]
    values = ["gen_random_uuid()" if name == "id" else "NULL" if name in KEY else name for name in columns]
    id = one(stack, "chaos.outside", "succeeded")
    stack.sql(f"INSERT INTO jobs ({', '.join(columns)}) SELECT {', '.join(values)} FROM jobs WHERE id = %s", id)


def leave_unended(stack: Stack) -> None:
    stack.sql(
        "UPDATE jobs SET state = 'queued', finished_at = NULL, tier = 0 WHERE id = %s",
        one(stack, "chaos.outside", "succeeded"),
    )


def end_otherwise(stack: Stack) -> None:
    stack.sql("UPDATE jobs SET state = 'failed' WHERE id = %s", one(stack, "chaos.async", "succeeded"))


KEY = {"idempotency_key", "request_hash"}


@pytest.mark.parametrize(
    ("harm", "kind"),
    [
        (forget_job, "lost"),
        (forget_effect, "lost"),
        (forget_run, "lost"),
        (double_effect, "doubled"),
        (double_end, "doubled"),
        (double_job, "doubled"),
        (leave_unended, "unended"),
        (end_otherwise, "wrong"),
    ],
)
def test_a_broken_promise_is_found(drill: tuple[Drill, Verdict], harm: Callable[[Stack], None], kind: str) -> None:
    done, _ = drill
    before = judge(done.stack, done.journal)

    harm(done.stack)

    after = judge(done.stack, done.journal)
    assert len(getattr(after, kind)) == len(getattr(before, kind)) + 1
