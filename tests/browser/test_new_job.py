"""The page of a new job in a browser: its two views stay in step, and it works without scripts, too."""

import re

import pytest
from playwright.sync_api import Page, expect

from bellhop_ledger.accounts.roles import Role
from tests.browser.fixtures import Visitor
from tests.browser.looks import assert_good_to_look_at
from tests.stack import Stack

PAGE = "/jobs/new"
FORM = f"{PAGE}?task=http.request"


def test_the_pages_are_good_to_look_at(visitor: Visitor, stack: Stack) -> None:
    operator = visitor(stack.user(Role.OPERATOR))

    for path in (PAGE, FORM):
        assert_good_to_look_at(operator, path)


def show(page: Page, view: str) -> None:
    """Show the arguments in the other view."""
    page.get_by_role("group", name="Arguments as").get_by_role("button", name=view).click()
    expect(page.get_by_role("button", name=view, exact=True)).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_job_is_submitted_by_fields_and_by_json(visitor: Visitor, stack: Stack, scripts: bool) -> None:
    visit = visitor(stack.user(Role.OPERATOR), scripts=scripts, zone="Europe/Vienna")
    page = visit.open(PAGE)
    page.get_by_label("Which task?", exact=False).fill("keep its answer")
    if not scripts:
        page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("link", name="test.add")).to_be_hidden()
    page.get_by_role("link", name="http.request").click()

    page.get_by_label("url", exact=True).fill("https://example.org/")
    page.get_by_label("retries", exact=True).fill("many")
    page.get_by_label("body", exact=True).select_option("an object")
    if not scripts:
        page.get_by_role("button", name="Show its fields").first.click()
    page.get_by_label("body (an object)").fill('{"order": 7}')
    page.locator(".job-form > details > summary").click()
    page.get_by_label("Label").fill("an order")
    page.get_by_role("button", name="Submit job").click()
    expect(page.locator("#fault-args\\.retries")).to_have_text("args.retries: must be an integer")
    assert not scripts or visit.serious_faults() == []  # axe is a script, too

    show(page, "JSON")
    text = page.get_by_label("JSON", exact=True)
    expect(text).to_have_value(re.compile(r'"retries": "many"'))
    text.fill(text.input_value().replace('"many"', "2"))
    assert not scripts or visit.serious_faults() == []
    show(page, "Fields")
    expect(page.get_by_label("retries", exact=True)).to_have_value("2")
    expect(page.get_by_label("Label")).to_have_value("an order")
    page.get_by_label("It runs").select_option("at")
    page.get_by_label("Date", exact=True).fill("2090-07-01T09:30")
    page.get_by_role("button", name="Submit job").click()

    expect(page.get_by_text("The job is accepted")).to_be_visible()
    job = stack.http.get(f"/api/jobs/{page.url.rpartition('/')[2]}").json()
    assert (job["args"]["retries"], job["args"]["body"], job["label"]) == (2, {"order": 7}, "an order")
    assert job["run_at"] == ("2090-07-01T07:30:00Z" if scripts else "2090-07-01T09:30:00Z")
