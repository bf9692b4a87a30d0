"""The timer in a browser: it moves."""

from tests.browser.looks import assert_good_to_look_at
from tests.browser.visit import Visit
from tests.stack import Stack, wait_until


def test_the_timer_moves_by_itself(anybody: Visit, stack: Stack) -> None:
    wait_until(lambda: stack.http.get("/api/timer").json()["ticks"])
    clock = anybody.open("/timer").locator(".clock")
    anybody.live()

    before = clock.inner_text()

    wait_until(lambda: clock.inner_text() != before)
    assert anybody.page.get_by_role("img", name="The last sixty seconds").is_visible()


def test_the_page_is_good_to_look_at(anybody: Visit, stack: Stack) -> None:
    wait_until(lambda: stack.http.get("/api/timer").json()["ticks"])

    assert_good_to_look_at(anybody, "/timer")
