"""Fetches in a browser: pasted, watched, and compared."""

from collections.abc import Callable

import pytest

from tests.browser.conftest import Visitor
from tests.browser.looks import assert_good_to_look_at
from tests.browser.visit import Visit
from tests.integration.test_api_fetches import World, world
from tests.stack import Stack

__all__ = ["world"]


@pytest.fixture
def open_stack(make_stack: Callable[..., Stack], world: World) -> Stack:
    """A system that may reach our world."""
    return make_stack("web", "worker", FETCH_ALLOW=world.origin)


def test_pages_come_back_into_a_waterfall(open_stack: Stack, world: World, visitor: Visitor) -> None:
    visit = visitor(open_stack.user(), on=open_stack)
    page = visit.open("/fetches")
    page.get_by_label("Addresses").fill("\n".join([world.url("/meet"), world.url("/meet"), world.url("/lost")]))

    page.get_by_role("button", name="Fetch them all").click()

    visit.see("What that saved")
    assert page.get_by_role("img", name="When each address was fetched").is_visible()
    assert [row.count("succeeded") for row in page.locator("tbody tr").all_inner_texts()] == [1, 1, 1]
    assert_good_to_look_at(visit, page.url)


def test_what_is_no_address_is_named(signed_in: Visit) -> None:
    page = signed_in.open("/fetches")
    page.get_by_label("Addresses").fill("https://example.org/\nftp://example.org/")

    page.get_by_role("button", name="Fetch them all").click()

    signed_in.see("'ftp://example.org/' must begin with http:// or https:// and have no spaces")
    assert page.get_by_label("Addresses").input_value().startswith("https://example.org/")


def test_the_page_is_good_to_look_at(signed_in: Visit) -> None:
    assert_good_to_look_at(signed_in, "/fetches")
