"""What axe does not see on operators' pages: cut words, boxes that touch, and choices that forced colours hide."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.fixtures import Visitor
from tests.browser.visit import Visit
from tests.stack import Stack

PAGES = ["/dashboard", "/jobs", "/failures", "/queues", "/queues/default", "/workers", "/schedules"]
PAGES += ["/schedules/wall", "/schedules/forecast", "/tasks", "/tasks/test.noop", "/jobs/new?task=http.request"]
PAGES += ["/people", "/service-tokens", "/audit", "/notifications", "/account", "/holds", "/mails"]
CUT_BADGES = """() => [...document.querySelectorAll("main .badge")].filter((one) => {
    const cell = one.closest("th, td") ?? one.parentElement, room = cell.getBoundingClientRect();
    return one.getClientRects().length && one.getBoundingClientRect().right > room.right;
}).map((one) => one.textContent)"""
SLIVERS = """() => [...document.querySelectorAll("main :is(th, td) code")].filter((one) =>
    one.getClientRects().length > 3).map((one) => one.textContent)"""
TOUCHING = """() => {
    const boxes = [...document.querySelectorAll("main :is(.card, .scroll, .figures)")]
        .filter((one) => one.getClientRects().length && !one.parentElement.closest(".card, .scroll"))
        .map((one) => ({ one, box: one.getBoundingClientRect() }));
    const touch = (a, b) => a.left < b.right && b.left < a.right && b.top >= a.bottom - 1 && b.top < a.bottom + 4;
    return boxes.flatMap(({ one, box }) => boxes.filter((other) => touch(box, other.box))
        .map((other) => `${one.className} and ${other.one.className}: ${other.one.textContent.trim().slice(0, 40)}`));
}"""
COLOURS = "(all) => all.map((one) => getComputedStyle(one).backgroundColor)"

BOTTOMS = "(all) => all.map((one) => one.getBoundingClientRect().bottom)"


@pytest.fixture
def busy(stack: Stack) -> Stack:
    """A system in which something has succeeded and failed, in workers of a release with a long name."""
    stack.ended(stack.submit("test.noop")["id"])
    stack.ended(stack.submit("test.fail", args={"times": 1, "permanent": True})["id"])
    stack.sql("UPDATE heartbeats SET release = %s WHERE service = 'worker'", "0123456789abcdef")
    return stack


@pytest.fixture
def schedule(busy: Stack) -> Iterator[str]:
    """The page of a schedule."""
    body = {"name": "looked at", "task": "test.noop", "args": {}, "crontab": "0 3 * * *"}
    id = busy.http.post("/api/schedules", json=body).json()["id"]
    yield f"/schedules/{id}"
    busy.http.delete(f"/api/schedules/{id}")


@pytest.mark.long
@pytest.mark.parametrize("width", [1024, 1440])
def test_no_word_is_cut_and_no_box_touches_another(visitor: Visitor, busy: Stack, schedule: str, width: int) -> None:
    visit = visitor(busy.user("operator"), width=width)

    found = {path: faults(visit.open(path)) for path in [*PAGES, schedule]}

    assert {path: what for path, what in found.items() if what} == {}


def faults(page: Page) -> list[str]:
    """Return what is cut, falls into slivers or touches."""
    return [fault for script in (CUT_BADGES, SLIVERS, TOUCHING) for fault in page.evaluate(script)]


@pytest.mark.parametrize(
    ("path", "chosen", "others"),
    [
        ("/schedules/wall", ".days [aria-current]", ".days a:not([aria-current])"),
        ("/jobs/new?task=http.request", "[aria-pressed=true]", "[aria-pressed=false]"),
    ],
)
def test_forced_colours_show_what_is_chosen(operator: Visit, path: str, chosen: str, others: str) -> None:
    operator.page.emulate_media(forced_colors="active")
    page = operator.open(path)
    page.locator(chosen).first.wait_for()

    is_chosen, is_not = (set(page.locator(which).evaluate_all(COLOURS)) for which in (chosen, others))

    assert is_chosen.isdisjoint(is_not)
    assert is_chosen
    assert is_not


def test_the_filters_of_a_list_stand_in_one_line(operator: Visit) -> None:
    operator.page.set_viewport_size({"width": 1440, "height": 900})
    for path in ("/audit", "/mails", "/failures"):
        page = operator.open(path)
        bottoms = page.locator("form.filters :is(input, select, button):visible").evaluate_all(BOTTOMS)
        assert max(bottoms) - min(bottoms) <= 3, path
