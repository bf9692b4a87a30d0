"""Fetches in a browser: pasted, watched, and compared."""

import pytest

from tests.browser.fixtures import Visitor
from tests.browser.looks import assert_good_to_look_at
from tests.browser.visit import Visit
from tests.stack import Stack
from tests.workers import WithWorker
from workloads.fetches.tests.test_api import World, world

__all__ = ["world"]


@pytest.fixture
def open_stack(with_worker: WithWorker, world: World) -> Stack:
    """A system that may reach our world, with two processes for what people ask for."""
    return with_worker(FETCH_ALLOW=world.origin, WORKER_CONCURRENCY="4")


@pytest.mark.long
def test_pages_come_back_into_a_waterfall(open_stack: Stack, world: World, visitor: Visitor) -> None:
    visit = visitor(open_stack.user(), on=open_stack)
    page = visit.open("/fetches")
    addresses = [*map(world.url, ("/meet", "/meet", "/lost")), "http://nowhere.invalid/"]
    page.get_by_label("Addresses").fill("\n".join(addresses))

    page.get_by_role("button", name="Fetch them all").click()

    visit.see("What that saved")
    assert page.get_by_role("img", name="When each address was fetched").is_visible()
    rows = page.locator("tbody tr").all_inner_texts()
    assert [row.count("succeeded") for row in rows] == [1, 1, 0, 0]
    assert [row.count("failed") for row in rows] == [0, 0, 1, 1]
    assert "Attempt 3 of 3" in rows[3]
    visit.see("2 addresses did not come back as wanted.")
    assert_good_to_look_at(visit, page.url)


def test_what_is_no_address_is_named(signed_in: Visit) -> None:
    page = signed_in.open("/fetches")
    page.get_by_label("Addresses").fill("https://example.org/\nftp://example.org/")

    page.get_by_role("button", name="Fetch them all").click()

    signed_in.see("'ftp://example.org/' must begin with http:// or https:// and have no spaces")
    assert page.get_by_label("Addresses").input_value().startswith("https://example.org/")


def test_the_page_is_good_to_look_at(signed_in: Visit) -> None:
    assert_good_to_look_at(signed_in, "/fetches")
