"""Products in a browser: the catalogue, a slow sum, an import with its progress, and an export."""

from uuid import uuid4

import pytest
from playwright.sync_api import FilePayload

from tests.browser.fixtures import Visitor
from tests.browser.looks import assert_good_to_look_at
from tests.browser.visit import Visit
from tests.stack import Stack
from workloads.products.tests.locks import product_held_back

HEADER = "sku,name,price,currency\n"


def csv(content: str) -> FilePayload:
    return FilePayload(name="tea.csv", mimeType="text/csv", buffer=(HEADER + content).encode())


def send(visit: Visit, content: str) -> None:
    visit.open("/products/imports")
    visit.page.get_by_label("File").set_input_files(csv(content))
    visit.page.get_by_role("button", name="Import it").click()


@pytest.mark.long
def test_the_pages_are_good_to_look_at(operator: Visit) -> None:
    for path in ("/products", "/products/new", "/products/imports", "/products/exports"):
        assert_good_to_look_at(operator, path)


def test_a_slow_sum_arrives_by_itself(signed_in: Visit) -> None:
    signed_in.open("/products")

    signed_in.page.get_by_role("button", name="Add them slowly").click()

    assert signed_in.see("5 + 7 = 12")


def test_an_import_shows_its_progress_and_its_end(operator: Visit, stack: Stack) -> None:
    sku = uuid4().hex

    with product_held_back(stack, sku):
        send(operator, f"{sku},Tea,4.99,EUR\n{sku}-2,Cocoa,5,EUR\n")
        operator.see("writing 2 products")
        assert operator.page.get_by_role("progressbar").is_visible()

    operator.see("It is in the catalogue.")
    operator.open(f"/products?sku={sku}")
    assert operator.see("4.99 EUR")


def test_bad_rows_are_shown_with_their_lines(operator: Visit) -> None:
    send(operator, "A-1,Tea,much,EUR\n")

    operator.see("Nothing was imported: 1 row cannot be taken.")
    assert operator.page.get_by_role("row", name="2 price must be a number such as 12.50").is_visible()
    assert_good_to_look_at(operator, operator.page.url)


def test_a_product_is_added_changed_and_deleted_without_scripts(visitor: Visitor, stack: Stack) -> None:
    visit, sku = visitor(stack.user("operator"), scripts=False), uuid4().hex
    page = visit.open("/products/new")
    page.get_by_label("SKU").fill(sku)
    page.get_by_label("Name").fill("Green tea")
    page.get_by_label("Price").fill("much")
    page.get_by_role("button", name="Add").click()
    visit.see("must be a number such as 12.50")

    page.get_by_label("Price").fill("4.99")
    page.get_by_role("button", name="Add").click()
    visit.see("Green tea is in the catalogue.")
    visit.open(f"/products?sku={sku}").get_by_role("link", name="Change").click()
    page.get_by_role("button", name="Delete Green tea").click()

    assert visit.see("Green tea is deleted.")


def test_an_export_is_fetched(signed_in: Visit) -> None:
    signed_in.open("/products/exports")
    signed_in.page.get_by_role("button", name="Export all products").click()
    link = signed_in.page.get_by_role("link", name="Download the file")
    link.wait_for()

    with signed_in.page.expect_download() as download:
        link.click()

    assert download.value.path().read_bytes().startswith(b"\xef\xbb\xbfsku,name,description,price,currency\r\n")
    assert_good_to_look_at(signed_in, signed_in.page.url)


@pytest.mark.parametrize("width", [720, 1280, 1440])
def test_the_button_of_a_page_stands_beside_its_heading(visitor: Visitor, stack: Stack, width: int) -> None:
    someone = visitor(stack.user("operator"), width=width)
    page = someone.open("/products/imports")

    heading, button = page.locator(".title h1").bounding_box(), page.locator(".title .actions").bounding_box()

    assert heading
    assert button
    assert button["y"] < heading["y"] + heading["height"]
    assert button["x"] > heading["x"] + heading["width"]
