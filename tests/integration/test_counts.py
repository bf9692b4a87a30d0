"""Numbers on the dashboard: exact, or said to be about so much, and never clipped to nonsense."""

import pytest

from bellhop_ledger.ledger.tables import State
from bellhop_ledger.platform.database import transaction
from bellhop_web.dashboard import views
from bellhop_web.dashboard.views import Count
from tests.stack import Stack

JOBS = """
    INSERT INTO jobs (id, task, args, queue, priority, max_attempts, attempt, run_at, state, queued_at, finished_at)
    SELECT gen_random_uuid(), 'test.noop', '{{}}', 'default', 5, 3, 0, now() + interval '1 day', '{state}',
           CASE WHEN '{state}' = 'queued' THEN now() - interval '1 hour' END,
           CASE WHEN '{state}' IN ('succeeded', 'failed') THEN now() END
    FROM generate_series(1, {number})
"""


def add(stack: Stack, state: str, number: int) -> None:
    """Add jobs that the statistics know nothing of."""
    stack.sql(JOBS.format(state=state, number=number))


def read() -> dict[str, views.Count]:
    with transaction() as db:
        return views.read(db)


def test_what_ended_is_exact_beside_a_batch_that_the_statistics_do_not_know(ledger: Stack) -> None:
    add(ledger, "succeeded", 911)
    ledger.sql("ANALYZE jobs")
    add(ledger, "scheduled", 10_050)

    counts = read()

    assert str(counts["ended"]) == "911"
    assert str(counts["scheduled"]) == "more than 10,000"


@pytest.mark.parametrize("analyzed", [True, False])
def test_many_that_ended_are_said_to_be_about_so_many_or_more(ledger: Stack, *, analyzed: bool) -> None:
    add(ledger, "failed", 12_300)
    ledger.sql("UPDATE jobs SET tier = 2, forget_on = CURRENT_DATE")
    if analyzed:
        ledger.sql("ANALYZE jobs")

    assert str(read()["ended"]) in ({"about 12,000"} if analyzed else {"more than 2,000", "about 12,000"})
    assert str(read()["failed"]) == "more than 2,000"


@pytest.mark.parametrize(
    ("counted", "about", "words"),
    [
        (0, None, "0"),
        (10_000, 52_000.0, "10,000"),
        (10_001, None, "more than 10,000"),
        (10_001, 0.0, "more than 10,000"),
        (10_001, 9_000.0, "more than 10,000"),
        (10_001, 52_345.6, "about 52,000"),
        (10_001, 123_456_789.0, "about 120,000,000"),
    ],
)
def test_a_number_is_exact_or_says_how_far_it_is_known(counted: int, about: float | None, words: str) -> None:
    assert str(Count.up_to(10_000, counted, about)) == words


def test_every_state_that_the_dashboard_names_is_counted(ledger: Stack) -> None:
    assert set(read()) == {state.value for state in State} - {"succeeded"} | {"retrying", "ended"}
