"""A person who is woken in that night and has never seen the pages: looks, clicks and types, and counts it."""

import os
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.visit import PHONE, Visit

LOOKS = [("light", 1440), ("dark", 1440), ("light", 1024), ("dark", 1024), ("light", PHONE), ("dark", PHONE)]


class Person:
    """What they do in one window. `actions` counts clicks and texts that were typed."""

    def __init__(self, visit: Visit, shots: Path | None = None):
        self.visit, self.page, self.shots, self.actions = visit, visit.page, shots, 0

    def open(self, path: str) -> Page:
        """Come to the first page, as by a bookmark."""
        return self.visit.open(path)

    def click(self, target: Locator) -> Page:
        """Click on something."""
        self.actions += 1
        target.click()
        self.page.wait_for_load_state()
        return self.page

    def find(self, query: str) -> Page:
        """Type into the query box of the jobs."""
        self.actions += 2
        self.page.keyboard.press("/")
        box = self.page.locator("#field-q, [name=q]").first
        expect(box).to_be_focused()
        box.fill(query)
        box.press("Enter")
        self.page.wait_for_load_state()
        return self.page

    def go(self, place: str) -> Page:
        """Click on a place in the bar."""
        return self.click(self.page.get_by_role("navigation", name="Main").get_by_role("link", name=place, exact=True))

    def keep(self, name: str) -> None:
        """Look at the page in each look; axe finds nothing. A picture of each is kept where somebody asked for it."""
        for scheme, width in LOOKS:
            self.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            self.page.set_viewport_size({"width": width, "height": 844 if width == PHONE else 900})
            assert self.visit.overflow() <= 0, f"{name} is wider than {width} px"
            if width != 1024:
                assert self.visit.serious_faults() == [], f"{name} ({scheme}, {width} px)"
            if self.shots:
                self.page.screenshot(path=self.shots / f"{name}-{scheme}-{width}.png")
        self.page.emulate_media(color_scheme="light")
        self.page.set_viewport_size({"width": 1440, "height": 900})


def shots_wanted() -> Path | None:
    """Return the folder that NIGHT_SHOTS names, for the pictures of the documentation."""
    if not (named := os.environ.get("NIGHT_SHOTS")):
        return None
    Path(named).mkdir(parents=True, exist_ok=True)
    return Path(named)
