"""What is to come: how much is due in each hour, as the recurrences say it, and where clocks jump."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from bellhop_ledger.platform.database import transaction
from bellhop_ledger.schedules import Schedule
from bellhop_ledger.schedules.forecast import Work, edges_of, forecast
from bellhop_ledger.schedules.jumps import Effect, jumps_ahead
from tests.firing import NOON, scheduled
from tests.integration.test_api_schedules import created
from tests.stack import Stack

SPRING = datetime(2027, 3, 27, 12, 20, tzinfo=UTC)
"""Half a day before the clocks of Europe go forward."""
WORK = Work("test.listed", "default")


def plan(now: datetime) -> None:
    """Plan all schedules from a moment on."""
    with transaction() as db:
        for schedule in db.query(Schedule):
            schedule.plan_from(now)


def by_next(now: datetime, hours: int) -> dict[datetime, int]:
    """Count the runs that each schedule says come next, one after the other."""
    edges, found = edges_of(now, hours), Counter[datetime]()
    with transaction() as db:
        for schedule in db.query(Schedule):
            due = schedule.timing.next_after(now - timedelta(microseconds=1))
            while due is not None and due < edges[-1]:
                found[max(edge for edge in edges if edge <= due)] += 1
                due = schedule.timing.next_after(due)
    return {edge: found[edge] for edge in edges[:-1]}


@pytest.mark.usefixtures("no_schedules")
def test_as_many_runs_are_forecast_as_will_be_made_also_when_a_clock_jumps() -> None:
    rules: list[dict[str, Any]] = [
        *({"crontab": one, "time_zone": zone} for one in ("* * * * *", "30 2 * * *", "*/10 2 * * *", "5 */2 * * *")
          for zone in ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC")),
        {"interval_seconds": 700},
        {"interval_seconds": 3600, "anchor": "2027-01-01T00:10:00Z"},
        {"once_at": "2027-03-27T12:25:00Z"},
        {"once_at": "2027-03-28T01:00:00Z"},
        {"crontab": "*/5 * * * *", "starts_at": "2027-03-27T20:07:00Z", "ends_at": "2027-03-27T21:11:00Z"},
    ]  # fmt: skip
    for number, rule in enumerate(rules):
        scheduled(name=f"forecast {number}", **rule)
    plan(SPRING)

    with transaction() as db:
        found = forecast(db, SPRING, hours=24)
        few = forecast(db, SPRING, hours=24, most_rules=5)

    [load], counted = found.loads, len(rules) - 1  # in Berlin nothing runs at */10 2 on that day
    assert (load.work, load.schedules, found.estimated) == (WORK, counted, False)
    assert dict(zip(found.edges, load.runs, strict=False)) == by_next(SPRING, 24)
    assert few.estimated
    assert [one.schedules for one in few.loads] == [counted]


@pytest.mark.usefixtures("no_schedules")
def test_what_is_paused_over_or_due_later_is_not_in_the_forecast() -> None:
    scheduled(name="paused", enabled=False)
    scheduled(name="later", once_at="2031-01-01")
    scheduled(name="counted", crontab="0 13 * * *", overrides={"tags": ["x"]})
    plan(NOON)

    with transaction() as db:
        found = forecast(db, NOON)

    assert [(load.work, load.schedules, sum(load.runs)) for load in found.loads] == [(WORK, 1, 1)]


@pytest.mark.usefixtures("no_schedules")
def test_the_schedules_that_a_jump_touches_are_found_by_zone() -> None:
    touched = {"night": "30 2 * * *", "often": "*/10 2 * * *"}
    for name, crontab in touched.items() | {("early", "30 1 * * *"), ("hourly", "0 * * * *")}:
        scheduled(name=f"berlin {name}", crontab=crontab, time_zone="Europe/Berlin")
    scheduled(name="new york", crontab="30 2 * * *", time_zone="America/New_York")
    scheduled(name="lord howe", crontab="45 1 * * *", time_zone="Australia/Lord_Howe")
    scheduled(name="over", crontab="30 2 * * *", time_zone="Europe/Berlin", ends_at="2030-02-01")
    now = datetime(2030, 3, 1, tzinfo=UTC)

    with transaction() as db:
        ahead = jumps_ahead(db, now, now + timedelta(weeks=6))
        soon = jumps_ahead(db, now, now + timedelta(days=5))

    effects = {one.name: one.touched.effect for jump in ahead for one in jump.schedules}
    assert [(jump.time_zone, jump.touched) for jump in ahead] == [
        ("America/New_York", 1),
        ("Europe/Berlin", 2),
        ("Australia/Lord_Howe", 1),
    ]
    assert effects == {
        "new york": Effect.MOVED,
        "berlin night": Effect.MOVED,
        "berlin often": Effect.SKIPPED,
        "lord howe": Effect.ONCE,
    }
    assert soon == []


@pytest.fixture
def measured(stack: Stack) -> Iterator[None]:
    """The task takes three seconds, as the workers have measured."""
    stack.sql("INSERT INTO task_run_times VALUES ('test.listed', 3, 0) ON CONFLICT (task) DO UPDATE SET mean = 3")
    yield
    stack.sql("DELETE FROM task_run_times WHERE task = 'test.listed'")


@pytest.mark.usefixtures("measured")
def test_the_peaks_say_how_long_the_workers_are_busy(stack: Stack) -> None:
    created(stack, crontab="0-39 * * * *")

    found = stack.http.get("/api/schedules/forecast", params={"hours": 3}).json()

    [listed] = [one for one in found["tasks"] if one["task"] == "test.listed"]
    assert (listed["queue"], listed["seconds"], len(listed["runs"])) == ("default", 3, 3)
    assert listed["runs"][1] >= 40
    assert found["hours"][1]["seconds"] >= 120
    [peak, *_] = [one for one in found["peaks"] if one["queue"] == "default"]
    assert peak["processes"] >= 1
    assert peak["minutes"] == pytest.approx(peak["seconds"] / peak["processes"] / 60, abs=0.01)


def test_a_preview_names_the_next_jump_that_touches_it(stack: Stack) -> None:
    made = created(stack, crontab="30 2 * * *", time_zone="Europe/Berlin")

    jump = stack.http.get(f"/api/schedules/{made['id']}/preview").json()["next_jump"]
    listed = stack.http.get("/api/schedules/jumps", params={"weeks": 53}).json()["jumps"]

    assert (jump["effect"], abs(jump["seconds"]), jump["runs"]) in {("moved", 3600, 1), ("once", 3600, 1)}
    assert "02:00" in jump["words"]
    assert jump["at"] in {one["at"] for one in listed if one["time_zone"] == "Europe/Berlin"}


@pytest.mark.parametrize("path", ["/schedules/forecast", "/schedules/forecast?hours=48&weeks=53", "/schedules"])
def test_the_pages_show_what_is_to_come(stack: Stack, path: str) -> None:
    created(stack, crontab="30 2 * * *", time_zone="Europe/Berlin")

    answer = httpx.get(stack.url + path, cookies=stack.user("operator").cookies)

    assert answer.status_code == 200
    assert "Next 24 h" in answer.text


def test_an_unknown_filter_is_named_and_left_out(stack: Stack) -> None:
    answer = httpx.get(f"{stack.url}/schedules/forecast?hours=x", cookies=stack.user("operator").cookies)

    assert answer.status_code == 422
    assert "hours: must be a number" in answer.text


def test_a_task_that_was_measured_by_nobody_takes_as_long_as_its_latest_jobs(stack: Stack) -> None:
    made = created(stack, task="test.sleep", args={"seconds": 0.2}, crontab="* * * * *")
    stack.ended(stack.http.post(f"/api/schedules/{made['id']}/run").json()["id"])
    with transaction() as db:
        db.execute(text("DELETE FROM task_run_times WHERE task = 'test.sleep'"))

    found = stack.http.get("/api/schedules/forecast").json()

    [slept] = [one for one in found["tasks"] if one["task"] == "test.sleep"]
    assert 0.1 < slept["seconds"] < 30
