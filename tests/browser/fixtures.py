"""Fixtures of the browser tests: Chromium, and people in front of it."""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.visit import PATIENCE, Visit
from tests.cast import TestUser
from tests.stack import Stack

KINDS = ("chromium-headless-shell", "chromium")
"""Debian's packages, the best first: a whole Chromium opens windows for each visitor, which takes 5 x as long."""
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, KINDS)), "")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

Visitor = Callable[..., Visit]
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The one Chromium of this process of the test run."""
    if not CHROMIUM:
        pytest.skip(f"there is no Chromium here; install {KINDS[0]}, or name its path in CHROMIUM")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright leaves a loop in the thread of all tests after it
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            yield made
        finally:
            made.close()


@pytest.fixture
def visitor(browser: Browser, stack: Stack) -> Iterator[Visitor]:
    """Open a browser for somebody: `visitor()`, `visitor(user)`, `visitor(user, width=390, dark=True, scripts=False)`.

    Each has cookies of its own. At the end all of them must have seen neither an error nor a
    breach of the Content-Security-Policy.
    """
    visits: list[Visit] = []

    def visit(user: TestUser | None = None, on: Stack = stack, **looks: object) -> Visit:
        visits.append(Visit(browser, on.url, user, **looks))  # type: ignore[arg-type]
        return visits[-1]

    yield visit
    for one in visits:
        one.close()
    assert [complaint for one in visits for complaint in one.complaints] == []


@pytest.fixture
def anybody(visitor: Visitor) -> Visit:
    """Somebody who is not signed in."""
    return visitor()


@pytest.fixture
def signed_in(visitor: Visitor, stack: Stack) -> Visit:
    """A user who is signed in."""
    return visitor(stack.user())


@pytest.fixture
def operator(visitor: Visitor, stack: Stack) -> Visit:
    """An operator who is signed in."""
    return visitor(stack.user("operator"))
