"""The query box and the list below it: by keyboard, with suggestions, chips and faults, thirty rows on a laptop."""

import re
from uuid import uuid4

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.browser.fixtures import Visitor
from tests.browser.visit import PHONE
from tests.problems import LATER
from tests.stack import Stack

LAPTOP = ViewportSize(width=1440, height=900)


def test_jobs_are_found_by_keyboard_alone(visitor: Visitor, stack: Stack) -> None:
    tag = f"t{uuid4().hex[:8]}"
    jobs = [stack.submit(**LATER, tags=[tag], label=f"Number {number}")["id"] for number in range(3)]
    visit = visitor(stack.user("operator"))
    page = visit.open("/jobs")
    box, offered = page.get_by_label("Find jobs"), page.locator("#q-suggestions li")

    page.keyboard.press("/")
    expect(box).to_be_focused()
    page.keyboard.type("state:sch")
    expect(offered).to_have_text(["state:scheduled"])
    assert visit.serious_faults() == []
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(box).to_have_value("state:scheduled ")
    page.keyboard.type(tag)
    page.keyboard.press("Escape")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type(f"state:scheduled tag:{tag}")
    page.keyboard.press("Enter")
    expect(page.locator("tbody th a")).to_have_count(3)

    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.locator(f"#job-{jobs[2]}")).to_be_focused()
    page.keyboard.press("Control+k")
    expect(box).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"/jobs/{jobs[2]}")


@pytest.mark.long
def test_a_query_is_corrected_and_narrowed_on_the_page(visitor: Visitor, stack: Stack) -> None:
    tag = f"t{uuid4().hex[:8]}"
    stack.submit(**LATER, tags=[tag])
    visit = visitor(stack.user("operator"))

    page = visit.open(f"/jobs?q=statte:failed tag:{tag}")
    visit.see("at 1: 'statte' is no term; is 'state' meant?")
    expect(page.get_by_label("Find jobs")).to_have_value(f"statte:failed tag:{tag}")
    expect(page.locator("tbody th a")).to_have_count(1)
    assert visit.serious_faults() == []
    page.get_by_text("What a query may say").click()
    visit.see("schedule:nightly")
    assert visit.serious_faults() == []

    page.goto(f"/jobs?q=state:failed tag:{tag}")
    visit.see("No job matches.")
    page.get_by_role("link", name="state:failed").click()
    expect(page.locator("tbody th a")).to_have_count(1)
    stack.submit(**LATER, tags=[tag])
    expect(page.locator("#newer")).to_have_text("1 newer job")
    page.locator("#show-newer").click()
    expect(page.locator("tbody th a")).to_have_count(2)


ROWS_WITHOUT_ALARMS = """() => {
    document.querySelectorAll("#alarms > :not(.good)").forEach(alarm => alarm.remove())
    return Array.from(document.querySelectorAll("tbody tr"), row => row.getBoundingClientRect().bottom)
}"""
"""Where each row ends. Alarms take room, and are live: they may be back at once."""


def test_a_laptop_shows_thirty_rows_and_a_phone_each_as_a_card(visitor: Visitor, stack: Stack) -> None:
    tag = f"t{uuid4().hex[:8]}"
    words = {"words": "the host api.example.org gave no answer within 30 s, " * 5}
    failing = stack.submit("test.say_and_fail", args=words, tags=[tag])["id"]
    stack.submit_many([LATER | {"tags": [tag], "label": f"Number {number} " + "x" * 120} for number in range(40)])
    stack.ended(failing)
    visit = visitor(stack.user("operator"))
    visit.page.set_viewport_size(LAPTOP)
    page = visit.open(f"/jobs?q=tag:{tag}")

    rows = page.evaluate(ROWS_WITHOUT_ALARMS)
    assert sum(bottom <= LAPTOP["height"] for bottom in rows) >= 30
    assert visit.overflow() == 0
    expect(page.locator("td.id").first).to_have_text(re.compile("^[0-9a-f]{8}…[0-9a-f]{4}$"))
    assert visit.serious_faults() == []

    for width in (1024, PHONE):
        page.set_viewport_size(ViewportSize(width=width, height=844))
        assert visit.overflow() == 0
        assert visit.serious_faults() == []
