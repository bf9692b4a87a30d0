"""The time bar: chosen by a name, dragged across or typed, and each red bar leads to the jobs behind it."""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.fixtures import Visitor
from tests.browser.looks import assert_good_to_look_at
from tests.browser.visit import PHONE, Visit
from tests.stack import Stack, wait_until

TASK, ZONE = "test.timeline", "America/New_York"
AGO = """
    INSERT INTO task_counts
    VALUES ('minute', date_trunc('minute', now() - interval '30 minutes'), %s, 'default', 9, 5, 3, 1, 0, 2,
            '{{12,9}}', '{{30,8},{44,1}}')
    ON CONFLICT DO NOTHING
"""
OUTAGE = """
    INSERT INTO service_events (at, kind, service, name, release)
    SELECT now() - CAST(ago AS interval), kind, 'worker', 'w@timeline', release
    FROM (VALUES ('55 min', 'started', '2030.1'), ('50 min', 'stopped', '2030.1')) AS e(ago, kind, release)
"""
SMALLEST = """() => Math.min(...[...document.querySelectorAll(".timebar *, .timebar-choice *")]
    .filter((one) => one.textContent.trim() && !one.children.length && one.getClientRects().length)
    .filter((one) => !one.closest("svg"))
    .map((one) => parseFloat(getComputedStyle(one).fontSize)))"""


@pytest.fixture
def known(stack: Stack) -> Stack:
    """A system in which something failed half an hour ago, and a release was deployed before."""
    stack.sql(AGO, TASK)
    stack.sql(OUTAGE)
    return stack


def query(page: Page) -> dict[str, str]:
    """The query of the page's address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def drag(page: Page, begin: float, end: float) -> None:
    """Drag across a part of the first plot, its bars and its links."""
    page.locator("main[data-live-state]").wait_for()
    plot = page.locator(".timebar .plot").first
    plot.hover()  # which waits until it is shown and stands still
    box = wait_until(plot.bounding_box)  # there is none while it is drawn anew, as what is live is
    assert box
    page.mouse.move(box["x"] + box["width"] * begin, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * (begin + end) / 2, box["y"] + 25)
    page.mouse.move(box["x"] + box["width"] * end, box["y"] + 30)
    with page.expect_navigation():
        page.mouse.up()


def test_what_failed_is_found_from_its_red_bar(known: Stack, visitor: Visitor) -> None:
    page = visitor(known.user("operator"), zone=ZONE).open("/dashboard")
    expect(page.locator(".marks")).to_contain_text("2030.1 deployed")

    page.get_by_text("The same as a table").click()
    row = page.locator("#timeline-numbers tr", has=page.get_by_role("link", name="3", exact=True)).first
    expect(row).to_contain_text("1.9 s")
    bar = page.locator(".timebar .plot a[href*='state']").filter(has_text="3 failed").first
    begins, ends = re.findall(
        r"ended:([\dTZ:-]+)\.\.([\dTZ:-]+)", parse_qs(urlsplit(str(bar.get_attribute("href"))).query)["q"][0]
    )[0]
    bar.click()

    page.wait_for_url("**/jobs?q=**")
    assert datetime.fromisoformat(ends) - datetime.fromisoformat(begins) == timedelta(minutes=1)


def test_a_time_is_chosen_by_its_name_dragged_across_or_typed(known: Stack, visitor: Visitor) -> None:
    visit = visitor(known.user("operator"), zone=ZONE)
    page = visit.open("/dashboard")
    page.get_by_role("link", name="24 h").click()
    expect(page.get_by_role("link", name="24 h")).to_have_attribute("aria-current", "page")

    drag(page, 0.25, 0.75)
    since, until = (datetime.fromisoformat(query(page)[name]) for name in ("since", "until"))
    assert timedelta(hours=11) < until - since < timedelta(hours=13)
    assert datetime.now(UTC) - until > timedelta(hours=5)

    page.get_by_label("From", exact=True).fill("2026-01-05T18:00")
    page.get_by_label("To", exact=True).fill("2026-01-06T08:00")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**since=2026-01-05**")
    assert query(page)["zone"] == ZONE
    expect(page.locator(".timebar")).to_have_attribute(
        "data-since", re.compile("2026-01-05T(00|23):00|2026-01-05T12:00")
    )

    page.get_by_role("link", name="Last night").click()
    assert query(page)["zone"] == ZONE
    expect(page.locator(".at-foot time").first).to_contain_text("18:00")
    expect(page.locator(".at-foot time").last).to_contain_text("08:00")


def test_without_scripts_the_same_can_be_typed_and_what_cannot_be_is_said(known: Stack, visitor: Visitor) -> None:
    page = visitor(known.user("operator"), scripts=False).open("/dashboard?range=7d&quiet=no")
    page.get_by_label("From", exact=True).fill("2026-01-06T08:00")
    page.get_by_label("To", exact=True).fill("2026-01-05T18:00")
    page.get_by_role("button", name="Show").click()

    assert query(page)["quiet"] == "no"
    expect(page.get_by_role("alert").filter(has_text="must be before the end")).to_be_visible()
    expect(page.locator(".timebar .plot")).not_to_have_count(0)


@pytest.mark.long
def test_the_time_bar_is_good_to_look_at(known: Stack, operator: Visit) -> None:
    for path in ("/dashboard?range=24h", "/dashboard?since=2026-01-05T18:00Z&until=2026-01-06T08:00Z"):
        assert_good_to_look_at(operator, path)
    operator.page.set_viewport_size({"width": PHONE, "height": 844})
    page = operator.open("/dashboard")
    page.get_by_text("By task").click()

    assert page.evaluate(SMALLEST) >= 11
    assert operator.serious_faults() == []
    assert operator.overflow() <= 0


def test_a_bar_above_the_list_of_jobs_narrows_it_to_what_ended_then(known: Stack, visitor: Visitor) -> None:
    visit = visitor(known.user("operator"), width=1440)
    page = visit.open(f"/jobs?q=task:{TASK} state:queued label:invoice")
    expect(page.locator(".timebar")).to_be_hidden()
    page.locator("#strip summary").click()
    expect(page.locator(".timestrip > p")).to_contain_text(f"of task {TASK}, whatever else the query asks for")
    page.locator(".timebar .plot a").filter(has_text="3 failed").first.click()

    page.wait_for_url("**range=1h**")
    asked = re.fullmatch(rf"task:{TASK} label:invoice ended:([\dTZ:-]+)\.\.([\dTZ:-]+)", query(page)["q"])
    assert asked
    begins, ends = map(datetime.fromisoformat, asked.groups())
    assert ends - begins == timedelta(minutes=1)
    expect(page.locator(".timebar .chosen")).to_have_count(1)
    page.get_by_role("link", name="7 d").click()
    expect(page.locator(".timebar")).to_be_visible()
    assert query(page)["q"] == asked[0]


def test_the_bar_above_the_list_of_jobs_is_good_to_look_at(known: Stack, operator: Visit) -> None:
    assert_good_to_look_at(operator, f"/jobs?q=task:{TASK}&range=24h")
