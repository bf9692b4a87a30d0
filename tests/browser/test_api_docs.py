"""The page of the API in a browser: it sends requests, shows samples that run, and is good to look at."""

import os
import shutil
import subprocess
import sys

import pytest
from playwright.sync_api import Locator, Page, expect

from bellhop_ledger.accounts.roles import Role
from tests.browser.fixtures import Visitor
from tests.browser.visit import PHONE, Visit
from tests.stack import TOKEN, Stack

PAGE = "/api/docs"


def operation(page: Page, name: str) -> Locator:
    """One operation, opened."""
    found = page.locator(f"[id$='-{name}'].opblock")
    found.locator(".opblock-summary-control").click(no_wait_after=True)  # it changes the address behind the #
    found.locator("[data-language]").wait_for()
    return found


def sent(one: Locator) -> str:
    """What comes back when the button of an operation is pressed."""
    one.get_by_role("button", name="Execute").click()
    answer = one.locator(".live-responses-table tbody")
    answer.wait_for()
    return answer.inner_text()


@pytest.mark.long
def test_requests_are_sent_with_the_session_and_with_a_token(visitor: Visitor, stack: Stack) -> None:
    visit = visitor(stack.user(Role.OPERATOR))
    page = visit.open(PAGE)
    listed, submitted = sent(operation(page, "list_jobs")), sent(operation(page, "submit_job"))

    assert listed.startswith("200")
    assert submitted.startswith("202")
    assert '"task": "http.request"' in submitted
    assert visit.serious_faults() == []

    stranger = visitor()
    page = stranger.open(PAGE)
    jobs = operation(page, "list_jobs")
    assert sent(jobs).startswith("401")
    page.get_by_role("button", name="Authorize").first.click()
    assert stranger.serious_faults() == []
    page.locator(".auth-container input").fill(TOKEN)
    page.locator(".auth-btn-wrapper").get_by_role("button", name="Apply credentials").click()
    page.get_by_role("button", name="Close").first.click()
    jobs.get_by_role("button", name="Execute").click()
    expect(jobs.locator(".live-responses-table tbody .response-col_status").first).to_contain_text("200")


@pytest.mark.long
def test_the_page_is_searched_and_read_in_every_look(visitor: Visitor) -> None:
    for dark, width in ((False, 1280), (True, PHONE)):
        visit = visitor(dark=dark, width=width)
        page = visit.open(PAGE)
        page.locator(".opblock").first.wait_for()
        assert visit.serious_faults() == [], (dark, width)
        assert visit.overflow() <= 0

    page.get_by_label("Search the operations").fill("no such operation")
    expect(page.locator(".opblock")).to_have_count(0)
    page.get_by_label("Search the operations").fill("cancel job member")
    expect(page.locator("[id$='-cancel_job'].opblock")).to_be_visible()
    expect(page.locator("[id$='-list_queues'].opblock")).to_have_count(0)


def sample(one: Locator, language: str) -> str:
    one.locator(".languages").get_by_role("button", name=language).click()
    return one.locator("[data-language]").inner_text()


def test_the_samples_run_as_they_are(anybody: Visit, stack: Stack) -> None:
    one = operation(anybody.open(PAGE), "submit_job")
    run = {"curl": ["bash", "-c"], "Python": [sys.executable, "-c"]}
    if node := shutil.which("node"):
        run["TypeScript"] = [node, "--input-type=module", "-e"]

    env = {**os.environ, "BELLHOP_URL": stack.url, "BELLHOP_TOKEN": TOKEN, "NO_PROXY": "*"}
    for language, program in run.items():
        command = [*program, sample(one, language)]
        done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
        assert '"task":"http.request"' in done.stdout.replace(" ", ""), f"{language}: {done.stderr}"


def test_without_scripts_there_is_the_quick_start_and_the_document(visitor: Visitor) -> None:
    page = visitor(scripts=False).open(PAGE)

    expect(page.get_by_role("heading", name="Quick start")).to_be_visible()
    expect(page.get_by_role("link", name="openapi.json").first).to_be_visible()
