"""A visit: one person's browser window on the pages of a stack, and what a test asks of it."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Error, Locator, Page, ViewportSize

from tests.cast import TestUser

PATIENCE = 30_000
SERIOUS = {"serious", "critical"}
PHONE, DESKTOP = 390, 1280


class Visit:
    """A window with cookies of its own. `page` is Playwright's; `complaints` is what the browser objected to."""

    def __init__(
        self,
        browser: Browser,
        url: str,
        user: TestUser | None = None,
        *,
        width: int = DESKTOP,
        dark: bool = False,
        scripts: bool = True,
        zone: str = "UTC",
    ):
        self.context = browser.new_context(
            base_url=url,
            viewport=ViewportSize(width=width, height=844),
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
            reduced_motion="reduce",
            timezone_id=zone,
        )
        self.context.set_default_timeout(PATIENCE)
        self.complaints: list[str] = []
        self.secret = user.cookies["bellhop_session"].encode() if user else b""
        if user:
            self.context.add_cookies([{"name": name, "value": user.cookies[name], "url": url} for name in user.cookies])
        self.page = self.new_page()

    def new_page(self) -> Page:
        """Open another window of the same person."""
        page = self.context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", self._failed)
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        answered = "Failed to load resource: the server responded with a status"  # a test looks at those itself
        if message.type == "error" and not message.text.startswith(answered):
            self.complaints.append(f"{self.page.url}: {message.text}")

    def _failed(self, error: Error) -> None:
        self.complaints.append(f"{self.page.url}: {error}")

    def open(self, path: str) -> Page:
        """Open a page and give it."""
        answer = self.page.goto(path)
        assert answer is not None
        assert answer.status < 500, path
        return self.page

    def see(self, text: str) -> Locator:
        """Wait until a text can be seen, and give the first place."""
        found = self.page.get_by_text(text).locator("visible=true").first
        found.wait_for()
        return found

    def live(self) -> None:
        """Wait until the page listens to changes."""
        self.page.locator("main[data-live-state=open]").wait_for()

    def sign_out(self) -> None:
        """Sign out by the menu of the account."""
        self.page.locator(".who summary").click()
        self.page.get_by_role("button", name="Sign out").click()

    def serious_faults(self) -> list[str]:
        """What axe finds serious or worse on the present page."""
        found: list[dict[str, Any]] = Axe().run(self.page).response["violations"]
        return [
            f"{one['id']}: {one['help']}: {node['html'][:200]}"
            for one in found
            if one["impact"] in SERIOUS
            for node in one["nodes"]
        ]

    def overflow(self) -> int:
        """By how many pixels the page is wider than the window."""
        return int(self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))

    def close(self) -> None:
        """End the visit."""
        self.context.close()
