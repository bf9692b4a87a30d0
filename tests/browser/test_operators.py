"""Operators' pages in a browser: good to look at, moving by themselves, and usable by keyboard and without scripts."""

import pytest
from playwright.sync_api import expect

from tests.browser.fixtures import Visitor
from tests.browser.looks import assert_good_to_look_at
from tests.browser.visit import Visit
from tests.stack import Stack


@pytest.mark.long
def test_operators_pages_are_good_to_look_at(operator: Visit, stack: Stack) -> None:
    failed = stack.ended(stack.submit("test.fail", args={"times": 9, "permanent": True})["id"])
    waiting = stack.submit("test.noop", delay=3600)

    for path in ("/dashboard", "/jobs", "/jobs?state=failed", f"/jobs/{failed['id']}", f"/jobs/{waiting['id']}"):
        assert_good_to_look_at(operator, path)


def test_the_dashboard_moves_by_itself(operator: Visit, stack: Stack) -> None:
    page = operator.open("/dashboard")
    operator.live()
    scheduled = page.locator("#figures div", has_text="Scheduled").locator("dd")
    before = int(scheduled.inner_text().replace(",", ""))

    job = stack.submit("test.noop", delay=3600)

    expect(scheduled).not_to_have_text(str(before), timeout=30_000)
    stack.http.post(f"/api/jobs/{job['id']}/cancel")


def test_a_job_is_followed_from_its_submission_to_its_result(operator: Visit, stack: Stack) -> None:
    job = stack.submit("test.progress", args={"steps": 4, "seconds": 0.3}, delay=3)
    page = operator.open(f"/jobs/{job['id']}")
    operator.live()

    expect(page.locator("#job-head .badge")).to_have_text("succeeded", timeout=60_000)
    expect(page.locator("#job-outcome pre")).to_have_text("4")


def test_a_job_is_cancelled_and_tried_again_by_keyboard(operator: Visit, stack: Stack) -> None:
    job = stack.submit("test.noop", delay=3600)
    page = operator.open(f"/jobs/{job['id']}")

    page.locator("#cancel").focus()
    page.keyboard.press("Enter")
    operator.see("The job is cancelled.")
    page.locator("#retry").focus()
    page.keyboard.press("Enter")

    operator.see("The job is queued again")
    assert stack.ended(job["id"])["state"] == "succeeded"


def test_jobs_are_filtered_and_cancelled_without_scripts(visitor: Visitor, stack: Stack) -> None:
    plain = visitor(stack.user("operator"), scripts=False)
    job = stack.submit("test.give", args={"what": "plain"}, delay=3600)
    page = plain.open("/jobs")

    page.get_by_label("Find jobs").fill("state:scheduled task:test.give args.what:plain")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="args.what:plain").click()
    page.locator(f"a[href='/jobs/{job['id']}']").click()
    page.get_by_role("button", name="Cancel").click()

    plain.see("The job is cancelled.")
    assert stack.job(job["id"])["state"] == "cancelled"


def test_a_session_that_is_revoked_sees_no_more(operator: Visit, stack: Stack) -> None:
    operator.open("/dashboard")
    stack.sql("DELETE FROM sessions WHERE hash = encode(sha256(%s), 'hex')", operator.secret)

    operator.page.locator("main[data-live-state=signed-out]").wait_for()
