"""Live lists: rows stay in their places, what is newer is offered, and a list that is not live says so."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.fixtures import Visitor
from tests.browser.visit import PHONE, Visit
from tests.stack import Stack, wait_until


@pytest.mark.long
@pytest.mark.parametrize("width", [1280, PHONE])
def test_new_jobs_are_offered_and_move_no_row(visitor: Visitor, stack: Stack, width: int) -> None:
    job = stack.submit("test.fail", args={"times": 9}, delay=3600)
    visit = visitor(stack.user("operator"), width=width)
    page = visit.open("/jobs")
    visit.live()
    row = page.locator(f"#job-{job['id']}")
    before = wait_until(row.bounding_box)  # there is none in the moment in which the live view replaces the list

    for _ in range(5):
        stack.submit("test.noop")
    expect(page.locator("#newer")).to_have_text(re.compile("^[5-9] newer jobs$"))  # those of schedules among them
    stack.http.post(f"/api/jobs/{job['id']}/cancel")
    expect(page.locator("tr", has=row).locator(".badge")).to_have_text("cancelled")

    assert row.bounding_box() == before
    page.locator("#show-newer").click()
    expect(page.locator("#newer")).to_have_text("These are the newest")


def test_the_first_jobs_are_offered_on_an_empty_list(visitor: Visitor, stack: Stack) -> None:
    visit = visitor(stack.user("operator"))
    page = visit.open("/jobs?task=no.such")

    expect(page.locator("#newer")).to_contain_text("This list is filtered or older and stays as it was.")
    expect(page.locator("#live-mark")).to_contain_text("As of ")


@pytest.mark.parametrize("path", ["/jobs?state=failed", "/jobs?queue=slow", "/jobs?state=retrying"])
def test_a_filtered_list_says_that_it_is_not_live(operator: Visit, path: str) -> None:
    page = operator.open(path)
    operator.live()

    expect(page.locator("#newer")).to_contain_text("stays as it was")
    expect(page.locator("#newer").get_by_role("link", name="Load it again")).to_have_attribute("href", path)
    expect(page.locator("#live-mark")).to_contain_text("As of ")


def test_a_list_is_held_while_somebody_points_at_it(operator: Visit, stack: Stack) -> None:
    stack.ended(stack.submit("test.fail", args={"times": 9, "permanent": True})["id"])
    page = operator.open("/dashboard")
    operator.live()
    number = page.locator("#why tr", has_text="asked to fail for good").locator("td").first
    number.hover()
    before = number.inner_text()

    stack.ended(stack.submit("test.fail", args={"times": 9, "permanent": True})["id"])
    expect(page.locator("#why")).to_have_class("held")
    assert number.inner_text() == before

    page.mouse.move(0, 0)
    expect(number).not_to_have_text(before)
