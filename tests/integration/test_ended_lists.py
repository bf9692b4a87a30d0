"""Lists of what has ended: by when it ended, page by page, and from an index."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from bellhop_ledger.ledger.retention import forget
from bellhop_ledger.ledger.tables import State
from bellhop_ledger.platform.database import transaction
from bellhop_web.dashboard import views
from bellhop_web.jobs import listing
from bellhop_web.jobs.listing import JobQuery
from tests.plans import plan_of
from tests.stack import Stack

ENDS = ["succeeded", "failed", "cancelled"]
MANY = """
    INSERT INTO jobs (id, task, args, queue, priority, max_attempts, attempt, run_at, state, created_at, finished_at,
                      tier, forget_on)
    SELECT gen_random_uuid(), 'test.noop', '{}', 'default', 5, 3, 1, now(), state,
           now() - n * interval '1 second', now() - (20000 - n) * interval '1 second', 2, CURRENT_DATE + 7
    FROM generate_series(1, 4000) AS n, unnest(ARRAY['succeeded','failed','cancelled']) AS state
"""
"""The older a job is, the later it ended."""


@pytest.fixture
def ended(ledger: Stack) -> Stack:
    """Twelve thousand jobs that ended, in the reverse of the order in which they were submitted."""
    ledger.sql(MANY)
    ledger.sql("ANALYZE jobs")
    return ledger


@pytest.mark.usefixtures("ended")
@pytest.mark.parametrize("state", ENDS)
def test_a_list_of_what_ended_is_read_from_its_index_without_sorting(state: str) -> None:
    plan = plan_of(JobQuery(state=State(state)))

    assert {"jobs_ended_idx", "kept_jobs_state_idx"} <= set(re.findall(r"\w+_idx", plan))
    assert not re.search(r"-> +(Incremental )?Sort ", plan)


@pytest.mark.usefixtures("ended")
@pytest.mark.parametrize("state", ["failed", "cancelled"])
@pytest.mark.parametrize(
    ("index", "others"),
    [
        ("failed_task", {"task": "test.noop"}),
        ("failed_queue", {"queue": "default"}),
        ("failed", {"created_before": "2030-01-01T00:00:00Z"}),
    ],
)
def test_what_failed_is_found_by_task_queue_and_date_without_reading_the_other_jobs(
    state: str, index: str, others: dict[str, str]
) -> None:
    query = JobQuery.model_validate({"state": state, **others}, strict=False)
    plan = plan_of(query)

    assert not query.by_end
    assert f"kept_jobs_{index}_idx" in plan
    assert not re.search(r"-> +(Incremental )?Sort ", plan)


def test_the_table_of_a_day_has_all_indexes_of_ended_jobs(ledger: Stack) -> None:
    with transaction() as db:
        forget.add_days(db, [])
    indexes = "SELECT regexp_replace(indexdef, '^.* USING', '') FROM pg_indexes WHERE tablename = {} ORDER BY 1"
    day = "'ended_jobs_' || to_char(now() AT TIME ZONE 'UTC', 'YYYYMMDD')"

    assert ledger.sql(indexes.format(day)) == ledger.sql(indexes.format("'ended_jobs'"))


def pages(stack: Stack, **query: Any) -> Iterator[dict[str, Any]]:
    """All jobs of a list, page by page."""
    cursor = {}
    while True:
        found = stack.http.get("/api/jobs", params={**query, **cursor}).json()
        yield from found["jobs"]
        if not found["next_cursor"]:
            return
        cursor = {"cursor": found["next_cursor"]}


@pytest.mark.parametrize("state", ENDS)
def test_pages_of_what_ended_are_in_order_and_complete(stack: Stack, state: str) -> None:
    ends(stack, state, 7)

    found = list(pages(stack, state=state, limit=3))

    times = [(job["finished_at"], job["id"]) for job in found]
    assert times == sorted(times, reverse=True)
    assert len({id for _, id in times}) == len(times) >= 7


def ends(stack: Stack, state: str, number: int) -> None:
    """Let jobs end so."""
    for _ in range(number):
        if state == "cancelled":
            stack.http.post(f"/api/jobs/{stack.submit('test.noop', delay=3600)['id']}/cancel")
        else:
            stack.ended(stack.submit("test.fail", args={"times": 9 * (state == "failed"), "permanent": True})["id"])


def test_a_job_that_fails_late_is_the_latest_failure(stack: Stack) -> None:
    late = stack.submit("test.fail", args={"times": 9, "permanent": True}, delay=3600)
    for _ in range(12):
        stack.ended(stack.submit("test.fail", args={"times": 9, "permanent": True})["id"])
    stack.sql("UPDATE jobs SET run_at = now() WHERE id = %s", late["id"])

    assert stack.ended(late["id"])["state"] == "failed"

    assert stack.http.get("/api/jobs?state=failed&limit=1").json()["jobs"][0]["id"] == late["id"]
    listed = stack.http.get("/jobs?state=failed").text
    assert listed.index('id="job-') == listed.index(f'id="job-{late["id"]}')
    assert '<th scope="col" class="when" aria-sort="descending">Ended</th>' in listed


def test_a_cursor_of_the_release_before_is_refused_where_the_order_changed(stack: Stack) -> None:
    stack.ended(stack.submit("test.noop")["id"])
    cursor = stack.http.get("/api/jobs?limit=1").json()["next_cursor"]

    assert stack.http.get("/api/jobs", params={"state": "succeeded", "cursor": cursor}).status_code == 422


def test_jobs_between_two_attempts_are_listed_and_counted_as_retrying(ledger: Stack) -> None:
    ledger.sql("""
        INSERT INTO jobs (id, task, args, queue, priority, max_attempts, attempt, run_at, state)
        SELECT gen_random_uuid(), 'test.noop', '{}', 'default', 5, 3, attempt, now(), state
        FROM unnest(ARRAY['scheduled','queued','failed']) AS state, generate_series(0, 2) AS attempt
        WHERE state <> 'failed'
    """)

    with transaction() as db:
        counts = views.read(db)
        retrying = listing.page(db, JobQuery(retrying=True)).jobs
        first = listing.page(db, JobQuery(retrying=False)).jobs

    assert (counts["retrying"].number, counts["scheduled"].number, counts["queued"].number) == (4, 3, 3)
    assert {(job.state.value, job.attempt, job.retrying) for job in retrying} == {
        (state, attempt, True) for state in ("scheduled", "queued") for attempt in (1, 2)
    }
    assert [(job.attempt, job.retrying) for job in first] == [(0, False)] * 2
