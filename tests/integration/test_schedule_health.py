"""The health of a schedule: that its runs fail is shown, and what is in trouble comes first."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy.orm import Session

from bellhop_web.schedules import listing
from bellhop_web.schedules.views import ListedScheduleView
from tests.fixtures import app_of_ledger
from tests.integration.test_api_schedules import created, named
from tests.stack import TOKEN, Stack
from tests.tasks.signatures import fail, noop

FAILING: dict[str, Any] = {"task": fail.name, "args": {"times": 1, "permanent": True}}
FINE: dict[str, Any] = {"task": noop.name, "args": {}}


def run(stack: Stack, id: str, times: int = 1) -> None:
    """Run a schedule some times, one after the other."""
    for _ in range(times):
        stack.ended(stack.http.post(f"/api/schedules/{id}/run").json()["id"])


def look(stack: Stack, id: str) -> dict[str, Any]:
    return dict(stack.http.get(f"/api/schedules/{id}").json())


def change(stack: Stack, id: str, **fields: Any) -> None:
    assert stack.http.patch(f"/api/schedules/{id}", json=fields).status_code == 200


def test_runs_that_failed_in_a_row_are_counted_until_one_succeeds(stack: Stack) -> None:
    id = created(stack, **FAILING)["id"]
    run(stack, id, 3)
    failing = look(stack, id)
    change(stack, id, **FINE)
    run(stack, id)

    assert (failing["state"], failing["failures"]) == ("active", 3)
    assert look(stack, id)["failures"] == 0


def test_a_run_that_has_not_ended_or_was_cancelled_says_nothing(stack: Stack) -> None:
    id = created(stack, **FAILING)["id"]
    run(stack, id, 2)
    stack.sql("UPDATE schedules SET priority = 0 WHERE id = %s", id)
    for state in ("skipped", "waiting"):
        stack.sql("INSERT INTO schedule_runs VALUES (%s, clock_timestamp(), %s)", id, state)
    change(stack, id, task="test.sleep", args={"seconds": 30})
    job = stack.http.post(f"/api/schedules/{id}/run").json()["id"]
    stack.http.post(f"/api/jobs/{job}/cancel")
    stack.in_state(job, "cancelled")

    assert look(stack, id)["failures"] == 2


def test_failures_are_still_known_when_their_jobs_are_gone(stack: Stack) -> None:
    id = created(stack, **FAILING)["id"]
    run(stack, id, 2)
    stack.sql("UPDATE schedule_runs SET state = 'failed' WHERE schedule_id = %s", id)
    stack.sql("DELETE FROM jobs WHERE schedule = %s", id)

    assert look(stack, id)["failures"] == 2


def test_no_more_than_twenty_failures_are_counted(stack: Stack) -> None:
    id = created(stack, **FAILING)["id"]
    stack.sql(
        "INSERT INTO schedule_runs (schedule_id, due_at, outcome, job_id, state) "
        "SELECT %s, now() - n * interval '1 hour', 'fired', gen_random_uuid(), 'failed' FROM generate_series(1, 30) n",
        id,
    )

    assert look(stack, id)["failures"] == 20
    assert "last 20 or more runs failed" in operators_page(stack, f"/schedules/{id}")


@pytest.fixture
def prefix(stack: Stack) -> str:
    """Three schedules by name: one that is fine, one that fails, and one that is disabled."""
    made = named("health")
    created(stack, name=f"{made} a", **FINE)
    failing = created(stack, name=f"{made} b", **FAILING)["id"]
    disabled = created(stack, name=f"{made} c", **FINE)["id"]
    created(stack, name=f"{made} d", **FINE)
    run(stack, failing)
    gone = "UPDATE schedules SET next_due_at = NULL, fire_at = NULL, disabled_reason = 'gone' WHERE id = %s"
    stack.sql(gone, disabled)
    return made


@pytest.mark.parametrize(("sort", "order"), [("trouble", "bcad"), ("name", "abcd"), (None, "abcd")])
@pytest.mark.parametrize("limit", [1, 2, 50])
def test_what_is_in_trouble_comes_first_where_that_is_asked(
    stack: Stack, prefix: str, sort: str | None, order: str, limit: int
) -> None:
    query = {"search": prefix, "limit": limit} | ({"sort": sort} if sort else {})
    names, cursor = "", ""
    while cursor is not None:
        page = stack.http.get("/api/schedules", params=query | ({"cursor": cursor} if cursor else {})).json()
        names += "".join(one["name"][-1] for one in page["schedules"])
        cursor = page["next_cursor"]

    assert names == order


def operators_page(stack: Stack, path: str) -> str:
    return httpx.get(stack.url + path, cookies=stack.user("operator").cookies).text


def test_the_page_shows_the_trouble_on_top_and_not_in_green(stack: Stack, prefix: str) -> None:
    html = operators_page(stack, f"/schedules?search={prefix}").partition("<tbody>")[2]  # the status names them, too

    assert html.index(f"{prefix} b") < html.index(f"{prefix} a")
    assert html.count("last run failed") == 1
    row = html[html.index(f"{prefix} b") : html.index(f"{prefix} c")]
    assert 'class="badge bad">last run failed' in row
    assert 'class="badge good"' not in row


def test_the_state_of_a_search_that_finds_nothing_is_told(stack: Stack) -> None:
    assert "No schedule fits." in operators_page(stack, f"/schedules?search={uuid4().hex}")


@pytest.mark.usefixtures("no_schedules")
def test_a_schedule_that_is_forgotten_while_a_list_is_read_is_left_out_and_the_list_goes_on(
    ledger: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.publish()
    client, headers = app_of_ledger(ledger, monkeypatch).test_client(), {"Authorization": f"Bearer {TOKEN}"}
    for name in ("a", "b", "c"):
        wanted = {"name": name, "crontab": "0 3 * * *", **FINE}
        assert client.post("/api/schedules", json=wanted, headers=headers).status_code == 201
    views_at = listing.views_at

    def forget_first(db: Session, places: Sequence[listing.Place]) -> list[ListedScheduleView]:
        ledger.sql("DELETE FROM schedules WHERE name = 'a'")
        return views_at(db, places)

    monkeypatch.setattr(listing, "views_at", forget_first)
    answer = client.get("/api/schedules?limit=2", headers=headers)

    assert answer.status_code == 200
    assert [one["name"] for one in answer.json["schedules"]] == ["b"]
    assert answer.json["next_cursor"]
