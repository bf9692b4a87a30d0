"""GET /api/jobs: filters, and pages that are complete and stable."""

from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import chain
from typing import Any

import psycopg2
import pytest

from tests.problems import ADDITION, LATER, fields_of
from tests.stack import Stack


@pytest.fixture(scope="session")  # as the stack: a process may come back to this module
def hundred(stack: Stack) -> list[dict[str, Any]]:
    """A hundred jobs of one task that nobody else submits."""
    jobs: list[dict[str, Any]] = [
        {"task": "test.paged", "args": {"what": str(n)}, "delay": 1_000_000} for n in range(100)
    ]
    return [stack.submit(**job) for job in jobs[:10]] + stack.submit_many(jobs[10:])


def page(stack: Stack, **query: Any) -> dict[str, Any]:
    answer = stack.http.get("/api/jobs", params=query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def pages(stack: Stack, **query: Any) -> Iterator[list[dict[str, Any]]]:
    found = page(stack, **query)
    yield found["jobs"]
    while found["next_cursor"]:
        found = page(stack, cursor=found["next_cursor"], **query)
        yield found["jobs"]


def ids(jobs: list[dict[str, Any]]) -> list[str]:
    return [job["id"] for job in jobs]


def test_the_newest_job_comes_first(stack: Stack) -> None:
    older, newer = stack.submit(**LATER), stack.submit(**LATER)

    assert ids(page(stack, task="test.add", limit=2)["jobs"]) == [newer["id"], older["id"]]


def test_a_listed_job_looks_like_the_job_itself(stack: Stack) -> None:
    job = stack.submit(**LATER)

    assert page(stack, task="test.add", limit=1)["jobs"] == [job | {"omitted": []}]


@pytest.mark.parametrize("limit", [1, 7, 50, 100, 200])
def test_all_pages_together_are_complete_and_without_doubles(
    stack: Stack, hundred: list[dict[str, Any]], limit: int
) -> None:
    found = list(pages(stack, task="test.paged", limit=limit))

    assert [len(jobs) for jobs in found[:-1]] == [limit] * (len(found) - 1)
    assert sorted(ids(list(chain(*found)))) == sorted(ids(hundred))


def test_pages_are_in_order_throughout(stack: Stack, hundred: list[dict[str, Any]]) -> None:
    found = list(chain(*pages(stack, task="test.paged", limit=7)))

    order = [(job["created_at"], job["id"]) for job in found]
    assert order == sorted(order, reverse=True)


def test_jobs_that_are_added_meanwhile_do_not_disturb_the_pages(stack: Stack) -> None:
    before = [stack.submit("test.fail", args={"times": 0}, delay=1_000_000)["id"] for _ in range(20)]
    found: list[str] = []

    for jobs in pages(stack, task="test.fail", state="scheduled", limit=3):
        found += ids(jobs)
        stack.submit_many([{"task": "test.fail", "args": {"times": 0}, "delay": 1_000_000}] * 5)

    assert found == before[::-1]


def test_a_page_that_is_just_full_is_the_last(stack: Stack, hundred: list[dict[str, Any]]) -> None:
    assert page(stack, task="test.paged", limit=100)["next_cursor"] is None


def test_the_filters_work_together(stack: Stack, hundred: list[dict[str, Any]]) -> None:
    stack.http.post(f"/api/jobs/{hundred[0]['id']}/cancel")

    cancelled = page(stack, task="test.paged", state="cancelled", queue="default")["jobs"]

    assert ids(cancelled) == [hundred[0]["id"]]
    assert page(stack, task="test.paged", state="cancelled", queue="slow")["jobs"] == []


@pytest.mark.parametrize("state", ["scheduled", "queued", "running", "succeeded", "failed", "cancelled"])
def test_a_state_filters(stack: Stack, state: str) -> None:
    assert {job["state"] for job in page(stack, state=state)["jobs"]} <= {state}


def test_a_queue_filters(stack: Stack) -> None:
    stack.submit(**LATER)

    assert {job["queue"] for job in page(stack, queue="slow", limit=200)["jobs"]} == {"slow"}


def test_created_after_includes_its_moment_and_created_before_does_not(stack: Stack) -> None:
    first, second, third = (stack.submit(**LATER) for _ in range(3))

    between = {"created_after": second["created_at"], "created_before": third["created_at"]}

    assert ids(page(stack, task="test.add", **between)["jobs"]) == [second["id"]]
    assert first["created_at"] < second["created_at"]


def test_dates_may_be_seconds(stack: Stack) -> None:
    stack.submit(**LATER)

    assert page(stack, created_after=4_000_000_000)["jobs"] == []
    assert len(page(stack, created_before="4e9", limit=1)["jobs"]) == 1


def test_a_task_that_nobody_has_submitted_gives_an_empty_page(stack: Stack) -> None:
    assert page(stack, task="no.such") == {"jobs": [], "next_cursor": None}


@pytest.mark.parametrize(
    "other",
    [
        {"task": "test.noop"},
        {},
        {"task": "test.paged", "state": "scheduled"},
        {"task": "test.paged", "queue": "default"},
    ],
    ids=str,
)
def test_a_cursor_of_other_filters_does_not_fit(
    stack: Stack, hundred: list[dict[str, Any]], other: dict[str, str]
) -> None:
    cursor = page(stack, task="test.paged", limit=3)["next_cursor"]

    assert fields_of(stack.http.get("/api/jobs", params={"cursor": cursor, **other})) == ["cursor"]


def test_a_cursor_fits_with_another_limit(stack: Stack, hundred: list[dict[str, Any]]) -> None:
    cursor = page(stack, task="test.paged", limit=3)["next_cursor"]

    assert len(page(stack, task="test.paged", limit=200, cursor=cursor)["jobs"]) == 97


@pytest.mark.parametrize("tamper", [str.swapcase, lambda cursor: cursor[1:], lambda cursor: cursor + "x"])
def test_a_cursor_that_was_changed_is_refused(stack: Stack, hundred: list[dict[str, Any]], tamper: Any) -> None:
    cursor = page(stack, task="test.paged", limit=3)["next_cursor"]

    answer = stack.http.get("/api/jobs", params={"task": "test.paged", "cursor": tamper(cursor)})

    assert fields_of(answer) == ["cursor"]


def test_a_cursor_from_another_server_is_refused(stack: Stack) -> None:
    foreign = "WyIyMDI2LTExLTIxVDA0OjQ1OjU3LjAwMDAwMCswMDowMCIsIjAxYTFmYzZjIl0.oIWkQZ10EmVfldgVwQk2pYJ2GAw"

    assert fields_of(stack.http.get("/api/jobs", params={"cursor": foreign})) == ["cursor"]


def test_progress_and_errors_are_listed_too(stack: Stack) -> None:
    job = stack.ended(stack.submit("test.fail", args={"times": 9, "permanent": True})["id"])

    [listed] = page(stack, task="test.fail", state="failed", limit=1)["jobs"]

    assert listed == job | {"omitted": []}
    assert (listed["error"]["type"], listed["error"]["message"]) == ("Permanent", "asked to fail for good")


def test_the_list_does_not_care_for_an_addition_that_runs(stack: Stack) -> None:
    id = stack.submit(**ADDITION)["id"]

    assert id in ids(page(stack, task="test.add", limit=200)["jobs"])
    assert stack.ended(id)["result"] == 12


def test_a_list_that_takes_too_long_is_given_up(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack("web")

    with closing(psycopg2.connect(stack.postgres.url)) as connection, connection.cursor() as cursor:
        cursor.execute("LOCK TABLE jobs IN ACCESS EXCLUSIVE MODE")
        answer = stack.http.get("/api/jobs")

    assert fields_of(answer, 503) == []
    assert answer.json()["detail"] == "The query took too long; ask for less"
