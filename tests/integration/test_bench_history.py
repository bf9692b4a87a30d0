"""The benchmark of the past: what it writes is a past that the system could have, and what it exchanges comes back."""

from collections.abc import Callable, Iterator

import pytest

from bench import history, past_pages
from bench.figures import Figures
from bench.past_jobs import HOMES, Past
from tests.stack import Stack

JOBS = 400
COUNTS = "SELECT count(*), count(DISTINCT forget_on), count(schedule), count(idempotency_key) FROM jobs WHERE tier = 1"


@pytest.fixture
def past(no_schedules: None, ledger: Stack) -> Iterator[Past]:
    """A past of 400 jobs in tables of their own, in the place of the usual ones."""
    past = Past(ledger)
    past.fill(JOBS)
    yield past
    past.put_in_place(full=False)
    for home in HOMES.values():
        ledger.sql(f"DROP SCHEMA {home} CASCADE")
    ledger.sql("ALTER TABLE ended_jobs DROP CONSTRAINT bench_tier_check")


def test_a_past_is_spread_over_the_days_for_which_jobs_are_kept(ledger: Stack, past: Past) -> None:
    assert ledger.sql(COUNTS) == [(JOBS, 8, 16, 16)]
    assert ledger.sql("SELECT count(*) FROM job_keys JOIN jobs ON id = job_id") == [(16,)]
    assert ledger.sql(
        "SELECT count(*) FROM schedule_runs r JOIN jobs j ON j.id = r.job_id AND j.due_at = r.due_at"
    ) == [(2,)]
    assert ledger.sql("SELECT count(*) FROM jobs WHERE created_at > finished_at OR finished_at > now()") == [(0,)]


def test_the_past_is_put_aside_and_comes_back(ledger: Stack, past: Past) -> None:
    past.put_in_place(full=False)
    aside = ledger.sql("SELECT count(*) FROM jobs WHERE tier = 1")
    past.put_in_place(full=True)

    assert aside == [(0,)]
    assert ledger.sql(COUNTS) == [(JOBS, 8, 16, 16)]


def test_a_day_of_it_is_forgotten_with_all_that_goes_with_it(ledger: Stack, past: Past) -> None:
    figures = Figures("a past")

    history.forget(ledger, figures, past, 100)

    assert ledger.sql(COUNTS) == [(JOBS, 8, 16, 16)]
    assert ledger.sql("SELECT count(*) FROM job_keys") == [(16,)]
    assert [claim.unit for claim in figures.claims] == ["s", "s"]


@pytest.mark.long
def test_every_page_that_is_timed_is_there(make_stack: Callable[..., Stack]) -> None:
    system = make_stack("web")
    Past(system).fill(JOBS)

    paths = past_pages.pages(system)
    assert {"dashboard", "jobs, by state, failed", "jobs, all, submitted before, the next page"} <= paths.keys()
    for path in paths.values():
        past_pages.timed(system.port, path, times=2)
