"""The frame of every page: the bar and its menus, the keys, and where people land."""

import re

import pytest
from playwright.sync_api import Page, expect

from bellhop_ledger.accounts.roles import Role
from tests.browser.fixtures import Visitor
from tests.browser.visit import PHONE, Visit
from tests.stack import Stack

PLACES = ["Dashboard", "Why", "Jobs", "Schedules", "Queues", "Workers", "Tasks", "Notifications"]


def bar(page: Page) -> list[str]:
    """What stands in the bar, menus included."""
    return page.locator(".main-links > li > a, .main-links > li > details > summary").all_inner_texts()


@pytest.mark.parametrize("width", [1024, 1440])
def test_operators_find_the_platform_first_and_all_in_one_row(visitor: Visitor, stack: Stack, width: int) -> None:
    visit = visitor(stack.user(Role.ADMIN), width=width)
    page = visit.open("/jobs")

    found = bar(page)
    assert found == [place for place in PLACES if place in found] + ["More", "Apps"]
    assert {"Dashboard", "Jobs", "Schedules", "Notifications"} <= set(found)
    box = page.locator(".top").bounding_box()
    assert box is not None
    assert box["height"] < 72
    expect(page.locator(".main-links a[aria-current=page]")).to_have_text("Jobs")


def test_members_and_strangers_find_what_plug_ins_offer_in_front(visitor: Visitor, stack: Stack) -> None:
    for user in (None, stack.user()):
        page = visitor(user).open("/")
        assert bar(page)[:2] == ["Fetches", "Polls"]
        assert "Apps" not in bar(page)


@pytest.mark.long
@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("width", [1280, PHONE])
def test_a_menu_leads_on_with_scripts_and_without(visitor: Visitor, stack: Stack, width: int, *, scripts: bool) -> None:
    visit = visitor(stack.user(Role.ADMIN), width=width, scripts=scripts)
    page = visit.open("/dashboard")
    if width == PHONE:
        page.get_by_text("Menu", exact=True).click()

    page.locator(".main-links summary", has_text="More").click()
    page.get_by_role("link", name="Audit").click()

    expect(page).to_have_url(f"{stack.url}/audit")
    expect(page.locator(".main-links summary[aria-current]")).to_have_text("More")


def test_a_menu_closes_by_escape_and_by_a_click_elsewhere(operator: Visit) -> None:
    page = operator.open("/dashboard")
    menu = page.locator(".main-links details").first

    menu.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(menu.locator(".drop-list")).to_be_visible()
    assert operator.serious_faults() == []
    page.keyboard.press("Escape")
    expect(menu.locator(".drop-list")).to_be_hidden()
    expect(menu.locator("summary")).to_be_focused()

    menu.locator("summary").click()
    page.locator("h1").click()
    expect(menu.locator(".drop-list")).to_be_hidden()


def test_keys_lead_to_places_and_are_listed_and_can_be_switched_off(operator: Visit) -> None:
    page = operator.open("/dashboard")
    page.keyboard.press("g")
    page.keyboard.press("j")
    page.wait_for_url("**/jobs")

    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog.get_by_text("Schedules")).to_be_visible()
    assert operator.serious_faults() == []
    dialog.get_by_label("Single keys are shortcuts in this browser").uncheck()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()

    page.keyboard.press("g")
    page.keyboard.press("s")
    page.keyboard.press("?")
    expect(dialog).to_be_hidden()
    expect(page).to_have_url(re.compile("/jobs$"))
    page.locator(".who summary").click()
    page.get_by_role("button", name="Keyboard shortcuts").click()
    expect(dialog).to_be_visible()


def test_a_wide_screen_is_used_by_lists_and_texts_stay_narrow(visitor: Visitor, stack: Stack) -> None:
    visit = visitor(stack.user("operator"), width=1920)

    width = "document.querySelector('main').getBoundingClientRect().width"
    visit.open("/schedules")
    assert visit.page.evaluate(width) == 1600
    visit.open("/account")
    assert visit.page.evaluate(width) <= 1024


def test_the_printed_page_has_no_bar_and_no_buttons(operator: Visit) -> None:
    page = operator.open("/schedules")

    page.emulate_media(media="print")

    expect(page.locator(".top")).to_be_hidden()
    expect(page.get_by_role("link", name="New schedule")).to_be_hidden()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_a_form_is_not_printed_and_neither_is_its_heading(operator: Visit) -> None:
    page = operator.open("/holds")
    heading = page.get_by_role("heading", name="Pause something")
    expect(heading).to_be_visible()

    page.emulate_media(media="print")

    expect(page.get_by_label("Reason")).to_be_hidden()
    expect(heading).to_be_hidden()


def test_a_form_with_fields_that_may_be_empty_marks_the_others(operator: Visit) -> None:
    page = operator.open("/schedules/new")
    after = "label => getComputedStyle(label, '::after').content"

    assert "required" in page.locator("label[for=field-name]").evaluate(after)
    assert page.locator("label[for=field-label]").evaluate(after) == "none"
