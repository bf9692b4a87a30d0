"""A job's page in a browser: what is copied, what stays open while it moves, and what it is without scripts."""

from playwright.sync_api import expect

from tests.browser.fixtures import Visitor
from tests.browser.looks import assert_good_to_look_at
from tests.browser.visit import Visit
from tests.stack import Stack

COPIED = "navigator.clipboard.readText()"


def test_an_error_is_read_copied_and_mended(operator: Visit, stack: Stack) -> None:
    failed = stack.ended(stack.submit("test.fail", args={"times": 9, "permanent": True}, tags=["page"])["id"])
    operator.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = operator.open(f"/jobs/{failed['id']}")
    operator.live()

    page.get_by_role("button", name="Copy the id").click()
    assert page.evaluate(COPIED) == failed["id"]
    page.locator("[data-copies=error]").click()
    copied = page.evaluate(COPIED)
    assert copied.startswith("Permanent: asked to fail for good")
    assert "bellhop_worker/engine" in copied, "folded frames are copied, too"
    assert "frames of Bellhop" not in copied

    folded = page.locator("#traceback details").first
    folded.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(folded.locator("pre")).to_be_visible()
    page.locator("summary", has_text="Python").click()
    page.locator("[data-copies=code-python]").click()
    assert "from bellhop_client import Client" in page.evaluate(COPIED)

    page.get_by_role("button", name="Try again").click()
    operator.see("Retried, with all its attempts again")
    expect(page.locator("#job-attempts li")).to_have_count(2, timeout=60_000)
    page.locator("#job-attempts summary", has_text="Traceback").first.click()
    stack.http.post(f"/api/jobs/{failed['id']}/retry")
    expect(page.locator("#job-attempts li")).to_have_count(3, timeout=60_000)
    expect(page.locator("#job-attempts details[open]").first).to_be_visible()
    assert_good_to_look_at(operator, f"/jobs/{failed['id']}")


def test_without_scripts_nothing_is_offered_that_needs_them(visitor: Visitor, stack: Stack) -> None:
    job = stack.ended(stack.submit("test.fail", args={"times": 9, "permanent": True})["id"])
    plain = visitor(stack.user("operator"), scripts=False)

    page = plain.open(f"/jobs/{job['id']}")

    assert page.locator(".copy:visible").count() == 0
    page.locator("#traceback summary").click()
    assert page.locator("#traceback details pre").is_visible()
    page.get_by_role("button", name="Try again").click()
    plain.see("The job is queued again")
