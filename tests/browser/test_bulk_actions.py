"""Retrying many jobs in a browser: the number in the button, ten seconds to undo it, and what became of it."""

from uuid import uuid4

import pytest
from playwright.sync_api import expect

from tests.browser.fixtures import Visitor
from tests.browser.looks import assert_good_to_look_at
from tests.browser.visit import Visit
from tests.stack import Stack


def failed(stack: Stack, count: int) -> str:
    """Failed jobs, and the query that finds them."""
    tag = uuid4().hex
    for _ in range(count):
        stack.ended(stack.submit("test.fail", args={"times": 9, "permanent": True}, tags=[tag])["id"])
    return f"tag:{tag} state:failed"


@pytest.mark.long
def test_these_jobs_are_retried_and_the_page_says_what_became_of_them(operator: Visit, stack: Stack) -> None:
    q = failed(stack, 2)
    page = operator.open(f"/jobs?q={q}")

    page.get_by_role("button", name="Retry these 2 jobs").focus()
    page.keyboard.press("Enter")
    operator.live()
    expect(page.locator("#bulk-action")).to_contain_text("2 jobs are queued again in")
    assert operator.serious_faults() == []

    expect(page.locator("#bulk-action .notice")).to_have_text("2 jobs are queued again.", timeout=60_000)
    expect(page.locator("#bulk-action .figures")).to_contain_text("Failed", timeout=60_000)
    assert_good_to_look_at(operator, page.url)
    for path in ("/bulk-actions", f"/bulk-actions/new?verb=retry&q={q}", "/bulk-actions/new?q=no-such-term:x"):
        assert_good_to_look_at(operator, path)


def test_it_is_undone_without_scripts(visitor: Visitor, stack: Stack) -> None:
    q = failed(stack, 1)
    plain = visitor(stack.user("operator"), scripts=False)
    page = plain.open(f"/jobs?q={q}")

    page.get_by_role("button", name="Retry this job").click()
    page.get_by_role("button", name="Undo").click()

    plain.see("Nothing was done to the job")
    page.get_by_role("link", name="Back to the jobs").click()
    plain.see("Retry this job")
