"""The log on the page of a job: it is there, it grows, and its end is what one sees."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.fixtures import Visitor
from tests.browser.visit import PHONE
from tests.stack import Stack

WRITE = """
    INSERT INTO job_logs (job_id, entries, lines) VALUES (%s, %s, %s)
    ON CONFLICT (job_id) DO UPDATE SET entries = excluded.entries, lines = excluded.lines
"""


def write(stack: Stack, id: str, *messages: str, attempts: int = 1) -> None:
    """Write a log as workers do."""
    at = "2030-01-31T09:30:00+00:00"
    lines = [
        {
            "at": at,
            "level": "info",
            "logger": "stdout",
            "attempt": number * attempts // len(messages) + 1,
            "message": text,
        }
        for number, text in enumerate(messages)
    ]
    stack.sql(WRITE, id, json.dumps(lines), len(lines))


def test_a_job_without_a_log_shows_none_until_there_is_one(visitor: Visitor, stack: Stack) -> None:
    id = stack.submit("test.noop", delay=3600)["id"]
    visit = visitor(stack.user("operator"))
    page = visit.open(f"/jobs/{id}")
    visit.live()
    expect(page.get_by_role("heading", name="Log")).to_be_hidden()

    write(stack, id, "<b>first</b> line")

    expect(page.get_by_role("heading", name="Log")).to_be_visible()
    expect(page.locator("#job-log")).to_contain_text("info stdout <b>first</b> line")


@pytest.mark.long
@pytest.mark.parametrize("width", [1280, PHONE])
def test_a_long_log_is_seen_at_its_end_also_when_it_grows(visitor: Visitor, stack: Stack, width: int) -> None:
    id = stack.submit("test.noop", delay=3600)["id"]
    lines = [f"line {number} of many" for number in range(300)]
    write(stack, id, *lines, attempts=2)
    visit = visitor(stack.user("operator"), width=width)
    page = visit.open(f"/jobs/{id}")
    visit.live()

    page.locator("#job-log").scroll_into_view_if_needed()
    expect(page.get_by_text("line 299 of many")).to_be_in_viewport()
    expect(page.locator("#job-log .attempt")).to_have_text("Attempt 2")
    page.mouse.move(0, 0)
    write(stack, id, *lines, "the newest line")

    expect(page.get_by_text("the newest line")).to_be_in_viewport()
