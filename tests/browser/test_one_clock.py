"""One clock a page, and it is named: charts, axes, tables, hints and schedules, with scripts and without."""

import re
from datetime import UTC, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.browser.fixtures import Visitor
from tests.browser.visit import Visit
from tests.stack import Stack, wait_until

FAR = "Pacific/Kiritimati"
"""Fourteen hours ahead of UTC: no time of one can be taken for a time of the other."""
NEAR = "America/New_York"
TEXTS = """() => [...document.querySelectorAll("main *")].filter((one) => !one.closest(".clock")).flatMap((one) =>
    [one.children.length ? "" : one.textContent, one.matches("time") ? "" : one.getAttribute("title") ?? "",
     one.getAttribute("aria-label") ?? ""])
"""
"""The title of a time names another zone, too."""
MIDNIGHT_OF_UTC = {"19", "20"}
"""In New York: when the next run of each day is due."""
OFFSET = re.compile(r"-0\d:00")
CLOCK = re.compile(r"\b(\d\d):(\d\d)(?::\d\d)?\b")


def hours(page: Page) -> set[str]:
    """The hours of all times that the page shows or hints at, charts included."""
    texts = page.evaluate(TEXTS)
    return {found[0] for text in texts for found in CLOCK.findall(text)}


def hours_in(page: Page) -> set[str]:
    """The same as far as it can be seen, without scripts; the timer's own count is no time of the day."""
    return (
        {found[0] for found in CLOCK.findall(page.locator("main").inner_text())} if "/timer" not in page.url else set()
    )


def now_in(zone: str) -> set[str]:
    """The hours in which something of the last hour, or of the next minutes, lies."""
    now = datetime.now(ZoneInfo(zone))
    return {f"{(now.hour + step) % 24:02}" for step in (-1, 0, 1)}


@pytest.fixture
def schedule(stack: Stack) -> str:
    """A schedule of another zone, which has run."""
    body = {"name": f"far {uuid4()}", "task": "test.noop", "interval_seconds": 86_400, "time_zone": NEAR}
    made = stack.http.post("/api/schedules", json=body)
    assert made.status_code == 201, made.text
    job = stack.http.post(f"/api/schedules/{made.json()['id']}/run").json()
    stack.ended(job["id"])
    return str(made.json()["id"])


def prepared(stack: Stack) -> dict[str, str]:
    """Pages that show times, each with something on it."""
    job = stack.ended(stack.submit("test.fail", args={"times": 9})["id"])
    stack.http.post(f"/api/jobs/{job['id']}/retry")
    stack.ended(job["id"])
    wait_until(lambda: stack.sql("SELECT 1 FROM job_counts"))
    return {"dashboard": "/dashboard", "job": f"/jobs/{job['id']}", "timer": "/timer", "jobs": "/jobs"}


def test_a_page_tells_all_its_times_in_the_readers_zone(visitor: Visitor, stack: Stack) -> None:
    visit = visitor(stack.user("operator"), zone=FAR)

    for path in prepared(stack).values():
        page = visit.open(path)
        visit.live()

        expect(page.locator("[data-name-of-zone]")).to_have_text(FAR)
        assert hours(page) <= now_in(FAR), path
        assert "UTC" not in page.locator("main").inner_text(), path


def test_the_title_of_a_time_names_it_in_the_zone_of_the_page_and_in_utc(operator: Visit, stack: Stack) -> None:
    job = stack.ended(stack.submit("test.noop")["id"])
    visit = operator
    page = visit.open(f"/jobs/{job['id']}")
    visit.live()
    exact = r"\d\d \w{3} \d{4}, [\d:]{8}\.\d{3}"
    expect(page.locator("#job-story time").first).to_have_attribute("title", re.compile(rf"^{exact} UTC$"))

    choose_zone(page, FAR)

    two = re.compile(rf"^{exact} {FAR}\n{exact} UTC$")
    expect(page.locator("#job-story time").first).to_have_attribute("title", two)


def choose_zone(page: Page, zone: str) -> None:
    """Switch all times of the page, and of those after it, to a zone."""
    page.locator(".zone-switch summary").click()
    page.get_by_label("Another zone").fill(zone)
    page.get_by_label("Another zone").press("Enter")
    expect(page.locator("[data-name-of-zone]")).to_have_text(zone)


@pytest.mark.long
@pytest.mark.parametrize("scripts", [True, False])
def test_the_zone_that_somebody_chooses_is_that_of_all_pages_and_is_remembered(
    visitor: Visitor, stack: Stack, schedule: str, *, scripts: bool
) -> None:
    visit, pages = visitor(stack.user("operator"), scripts=scripts), prepared(stack)
    choose_zone(visit.open("/dashboard"), FAR)

    for path in (*pages.values(), f"/schedules/{schedule}"):
        page = visit.open(path)
        expect(page.locator("[data-name-of-zone]")).to_have_text(FAR)
        if path in pages.values():
            assert hours_in(page) <= now_in(FAR), path

    page.locator(".zone-switch summary").click()
    page.get_by_role("button", name=f"This page's: {NEAR}").click()
    expect(page.locator("[data-name-of-zone]")).to_have_text(NEAR)


def test_a_zone_that_is_none_is_named_with_the_nearest(operator: Visit) -> None:
    page = operator.open("/jobs?state=failed")

    page.locator(".zone-switch summary").click()
    page.get_by_label("Another zone").fill("Europe/Viena")
    page.get_by_role("button", name="Use").click()

    expect(page.locator(".notice.bad", has_text="is Europe/Vienna meant?")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/jobs\?state=failed$"))


def test_without_scripts_a_page_tells_all_its_times_in_utc(visitor: Visitor, stack: Stack) -> None:
    visit = visitor(stack.user("operator"), zone=FAR, scripts=False)

    for path in prepared(stack).values():
        page = visit.open(path)

        expect(page.locator("[data-name-of-zone]")).to_have_text("UTC")
        assert hours_in(page) <= now_in("UTC"), path


@pytest.mark.parametrize("scripts", [True, False])
def test_the_page_of_a_schedule_is_in_its_own_zone(
    visitor: Visitor, stack: Stack, schedule: str, *, scripts: bool
) -> None:
    visit = visitor(stack.user("operator"), zone=FAR, scripts=scripts)
    page = visit.open(f"/schedules/{schedule}")
    if scripts:
        visit.live()

    expect(page.locator("[data-name-of-zone]")).to_have_text(NEAR)
    shown = {
        found[0]
        for found in CLOCK.findall(page.locator("main").inner_text().replace("-04:00", "").replace("-05:00", ""))
    }
    assert shown <= now_in(NEAR) | MIDNIGHT_OF_UTC


def test_a_reader_whose_clock_is_wrong_sees_how_long_ago_it_truly_was(visitor: Visitor, stack: Stack) -> None:
    job = stack.ended(stack.submit("test.noop")["id"])
    visit = visitor(stack.user("operator"))
    visit.page.clock.set_fixed_time(datetime(2031, 1, 1, tzinfo=UTC))

    page = visit.open("/jobs")

    row = page.locator("tr", has=page.locator(f"#job-{job['id']}"))
    expect(row.locator("time").first).to_have_text(re.compile(r"^(now|\d+ s ago)$"))
