"""The runs of a schedule: each page of them, those of a kind, and why one failed for those who may see it."""

from collections.abc import Iterator
from typing import Any

import pytest

from bellhop_ledger.accounts.roles import Role
from tests.integration.test_api_schedules import created
from tests.integration.test_payloads import without_right
from tests.integration.test_schedule_health import FAILING, FINE, change, look, run
from tests.problems import fields_of
from tests.stack import Stack

ERROR = {"type": "Permanent", "message": "asked to fail for good"}


@pytest.fixture(scope="module")
def id(stack: Stack) -> str:
    """A schedule that failed twice, succeeded twice, and skipped a run."""
    id = str(created(stack, **FAILING)["id"])
    run(stack, id, 2)
    change(stack, id, **FINE)
    run(stack, id, 2)
    stack.sql("INSERT INTO schedule_runs VALUES (%s, clock_timestamp(), 'skipped')", id)
    return id


def pages(stack: Stack, id: str, **query: Any) -> Iterator[list[dict[str, Any]]]:
    """Follow the cursors of a history."""
    while True:
        page = stack.http.get(f"/api/schedules/{id}/history", params=query).json()
        yield page["runs"]
        if page["next_cursor"] is None:
            return
        query["cursor"] = page["next_cursor"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"state": "failed"}, ["failed", "failed"]),
        ({"state": "succeeded"}, ["succeeded", "succeeded"]),
        ({"state": "running"}, []),
        ({"outcome": "skipped"}, [None]),
        ({"outcome": "fired"}, ["succeeded", "succeeded", "failed", "failed"]),
        ({"outcome": "skipped", "state": "failed"}, []),
        ({}, [None, "succeeded", "succeeded", "failed", "failed"]),
    ],
)
def test_runs_of_a_kind_are_listed_page_by_page(
    stack: Stack, id: str, query: dict[str, str], expected: list[str | None]
) -> None:
    found = [run["state"] for page in pages(stack, id, limit=1, **query) for run in page]

    assert found == expected


def test_runs_of_a_kind_are_found_when_their_jobs_are_gone(stack: Stack) -> None:
    id = created(stack, **FAILING)["id"]
    run(stack, id)
    stack.sql("UPDATE schedule_runs SET state = 'failed' WHERE schedule_id = %s", id)
    stack.sql("DELETE FROM jobs WHERE schedule = %s", id)

    [[gone]] = pages(stack, id, state="failed")

    assert (gone["state"], gone["error"]) == ("failed", None)


def test_a_run_says_why_its_job_failed(stack: Stack, id: str) -> None:
    [failed] = pages(stack, id, state="failed")

    assert [one["error"] for one in failed] == [ERROR, ERROR]


def test_a_long_error_is_cut(stack: Stack) -> None:
    id = created(stack, **FAILING)["id"]
    run(stack, id)
    stack.sql("""UPDATE jobs SET error = error || jsonb_build_object('message', repeat('x', 100000))
                 WHERE schedule = %s""", id)  # fmt: skip

    assert look(stack, id)["last_run"]["error"]["message"] == 500 * "x"


def test_who_may_not_see_payloads_sees_the_kind_of_an_error_only(stack: Stack) -> None:
    id = created(stack, **FAILING)["id"]
    run(stack, id)
    viewer = without_right(stack, Role.VIEWER).http
    schedule = f"/api/schedules/{id}"

    shown = [viewer.get(schedule).json()["last_run"], *viewer.get(f"{schedule}/history").json()["runs"]]
    listed = viewer.get("/api/schedules", params={"search": viewer.get(schedule).json()["name"]}).json()["schedules"]

    assert [one["error"] for one in [*shown, listed[0]["last_run"]]] == 3 * [ERROR | {"message": "withheld"}]
    assert ERROR["message"] not in viewer.get(f"/schedules/{id}/runs").text


def test_a_state_that_there_is_not_is_refused(stack: Stack, id: str) -> None:
    answer = stack.http.get(f"/api/schedules/{id}/history", params={"state": "broken", "outcome": "lost"})

    assert fields_of(answer) == ["state", "outcome"]
