"""What all pages have in common."""

import pytest

from tests.browser.fixtures import Visitor
from tests.browser.looks import assert_good_to_look_at
from tests.browser.visit import PHONE, Visit
from tests.samples import all_samples
from tests.stack import Stack


def test_the_start_page_is_good_to_look_at(anybody: Visit) -> None:
    assert_good_to_look_at(anybody, "/")


def test_the_first_key_leads_past_the_navigation(anybody: Visit) -> None:
    page = anybody.open("/")

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    assert page.evaluate("document.activeElement.id") == "content"


def test_an_address_that_leads_nowhere_says_so_in_words(anybody: Visit) -> None:
    anybody.open("/no-such-page")

    assert anybody.page.get_by_role("heading", level=1).inner_text() == "There is nothing here"
    assert anybody.serious_faults() == []


def test_the_menu_of_a_phone_opens_without_scripts(visitor: Visitor) -> None:
    phone = visitor(width=PHONE, scripts=False)
    phone.open("/")

    phone.page.get_by_text("Menu").click()

    assert phone.page.locator(".places").is_visible()


LISTS = ["/schedules", "/jobs", "/mails", "/holds", "/notifications", "/account", "/dashboard"]
LISTS += [page for one in all_samples() for page in one.pages]


@pytest.mark.long
@pytest.mark.parametrize("width", [390, 720, 900, 1280, 1440])
def test_no_page_of_an_operator_scrolls_sideways_or_cuts_a_column(visitor: Visitor, stack: Stack, width: int) -> None:
    stack.ended(stack.submit("test.fail", args={"times": 1, "permanent": True})["id"])
    someone = visitor(stack.user("operator"), width=width)

    wide = {}
    for path in LISTS:
        page = someone.open(path)
        cut = "[...document.querySelectorAll('.scroll')].some((one) => one.scrollWidth > one.clientWidth + 1)"
        wide[path] = (someone.overflow(), width <= 720 and page.evaluate(cut))

    assert wide == dict.fromkeys(LISTS, (0, False))
