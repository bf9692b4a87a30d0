"""The style guide: it shows each element well in light and dark, and production has none."""

import re

from playwright.sync_api import expect

from bellhop_web.app import create_app
from bellhop_web.settings import WebSettings
from tests.browser.looks import assert_good_to_look_at
from tests.browser.visit import Visit
from tests.test_contract import SERVERS


def test_each_element_is_good_to_look_at_in_light_and_dark(anybody: Visit) -> None:
    assert_good_to_look_at(anybody, "/styleguide")

    page = anybody.page
    for side in ("light", "dark"):
        expect(page.locator(f".in-{side} .badge.failed").first).to_be_visible()
    colours = [
        page.locator(f".in-{side}").first.evaluate("(one) => getComputedStyle(one).color") for side in ("light", "dark")
    ]
    assert colours[0] != colours[1]


def test_production_has_none() -> None:
    app = create_app(WebSettings(**SERVERS, secret_key="dev-only-of-a-test"))  # type: ignore[arg-type]
    app.config["PRODUCTION"] = True

    answer = app.test_client().get("/styleguide", headers={"Accept": "text/html"})

    assert answer.status_code == 404
    assert re.search("There is nothing here", answer.text)
