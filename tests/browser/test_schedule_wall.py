"""What schedules did and will do, as a person looks at it in the morning: the wall, the days of one, the next hours."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looks import assert_good_to_look_at
from tests.browser.test_schedules import make, unique
from tests.browser.visit import PATIENCE, Visit
from tests.integration.test_schedule_wall import ago, ran
from tests.stack import Stack

expect.set_options(timeout=PATIENCE)
Made = dict[str, dict[str, Any]]


@pytest.fixture
def night(stack: Stack) -> Iterator[Made]:
    """A night: one schedule failed, one ran each minute, one is paused, and one is touched by a clock that jumps."""
    prefix = unique("wall")
    rules = {"failed": "0 * * * *", "often": "* * * * *", "paused": "@daily", "night": "30 2 * * *"}
    made = {
        name: make(stack, name=f"{prefix} {name}", crontab=rule, time_zone="Europe/Berlin")
        for name, rule in rules.items()
    }
    for hours in range(2, 9):
        ran(stack, made["failed"]["id"], ago(hours=hours), "failed" if hours < 5 else "succeeded", late=600, took=900)
    lines = (
        "INSERT INTO schedule_runs (schedule_id, due_at, outcome, job_id) "
        "SELECT CAST(schedule AS uuid), due_at, 'fired', id FROM jobs WHERE schedule = %s"
    )
    stack.sql(lines, made["failed"]["id"])
    hour = ago(hours=3).replace(minute=0, second=0)
    ran(stack, made["often"]["id"], hour, last=hour + timedelta(minutes=59))
    stack.sql(f"{lines} LIMIT 5", made["often"]["id"])
    stack.http.post(f"/api/schedules/{made['paused']['id']}/pause", json={"reason": "The mill is being moved"})
    yield {"prefix": {"name": prefix}, **made}
    for one in made.values():
        stack.http.delete(f"/api/schedules/{one['id']}")
        stack.sql("DELETE FROM jobs WHERE schedule = %s", one["id"])


def rows(page: Page) -> list[str]:
    return [text.split()[-1] for text in page.locator("#wall tbody th a").all_inner_texts()]


@pytest.mark.long
def test_a_night_is_read_from_the_wall_and_followed_to_the_job(operator: Visit, stack: Stack, night: Made) -> None:
    prefix = night["prefix"]["name"]
    page = operator.open("/schedules")
    page.get_by_role("navigation", name="Schedules").get_by_role("link", name="Last 24 h").click()
    page.get_by_label("Name", exact=True).fill(prefix)
    page.get_by_role("button", name="Show").click()

    expect(page.get_by_label("Name", exact=True)).to_have_value(prefix)
    assert rows(page) == ["failed", "paused", "often"]
    failed = page.get_by_role("row").filter(has_text=f"{prefix} failed")
    expect(failed).to_contain_text("last 3 runs failed")
    expect(failed).to_contain_text("7 runs: 3 failed, 4 succeeded")
    expect(failed.locator("a.cell.failed")).to_have_count(3)
    expect(failed.locator(".delay")).to_have_count(7)
    expect(page.get_by_role("row").filter(has_text=f"{prefix} often")).to_contain_text("60 runs: 60 succeeded")
    expect(page.get_by_role("row").filter(has_text=f"{prefix} paused")).to_contain_text("The mill is being moved")
    assert operator.serious_faults() == []

    failed.locator("a.cell").last.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Home")
    expect(failed.locator("a.cell").first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("row").filter(has_text=f"{prefix} often").locator("a.cell:focus")).to_have_count(1)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{stack.url}/jobs/*")

    assert_good_to_look_at(operator, f"/schedules/wall?search={prefix.replace(' ', '+')}")
    operator.open("/schedules/wall")
    page.get_by_role("link", name="Last night").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Schedules last night")
    assert_good_to_look_at(operator, f"/schedules/{night['failed']['id']}/days")
    expect(page.locator("a.cell.failed")).to_have_count(3)
    page.get_by_role("link", name="Older").click()
    expect(page.get_by_role("link", name="Newer")).to_be_visible()


@pytest.mark.long
def test_the_list_is_grouped_by_trouble_and_what_is_to_come_stands_beside_it(
    operator: Visit, stack: Stack, night: Made
) -> None:
    prefix = night["prefix"]["name"]
    page = operator.open(f"/schedules?search={prefix.replace(' ', '+')}")

    groups = page.locator("tr.group")
    expect(groups).to_have_text(["Failing", "Paused", "The others"])
    page.get_by_label("Trouble").select_option("paused")
    page.get_by_role("button", name="Show").click()
    expect(groups).to_have_text(["Paused"])
    assert_good_to_look_at(operator, "/schedules")

    assert_good_to_look_at(operator, "/schedules/forecast?weeks=53")
    jump = page.locator("details.jump").filter(has_text="The clock of Europe/Berlin")
    jump.locator("summary").click()
    expect(jump.get_by_role("link", name=f"{prefix} night")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="test.noop")).to_be_visible()
    page.get_by_text("Hour by hour").click()
    expect(page.locator("table.dense tbody tr")).to_have_count(24)

    operator.open(f"/schedules/{night['night']['id']}")
    expect(page.locator("#coming .jump")).to_contain_text("The clock goes")


def test_without_scripts_the_wall_is_a_table_of_links(visitor: Any, stack: Stack, night: Made) -> None:
    visit = visitor(stack.user("operator"), scripts=False)

    page = visit.open(f"/schedules/wall?search={night['prefix']['name'].replace(' ', '+')}")

    expect(page.locator("a.cell.failed").first).to_have_attribute("href", f"/jobs/{job_of(stack, night)}")


def job_of(stack: Stack, night: Made) -> str:
    query = "SELECT id FROM jobs WHERE schedule = %s AND state = 'failed' ORDER BY due_at LIMIT 1"
    [(id,)] = stack.sql(query, night["failed"]["id"])
    return str(id)
