"""The live mark: whatever ends a stream or lets it hang, the page says so and its times stand still."""

import re
import signal
from collections.abc import Callable, Iterator
from itertools import chain
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.fixtures import Visitor
from tests.browser.visit import Visit
from tests.samples import all_samples
from tests.stack import Stack

MARK = "#live-mark"
SINCE = r"^Reconnecting since \d\d:\d\d:\d\d$"


@pytest.fixture(scope="module")
def fragile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A system of its own, which these tests stop and freeze."""
    made = Stack(tmp_path_factory.mktemp("fragile"))
    try:
        yield made.start("web", "worker", "scheduler")
    finally:
        made.stop()


def watching(visitor: Visitor, stack: Stack, path: str = "/dashboard") -> Visit:
    """An operator who looks at a page that is live."""
    visit = visitor(stack.user("operator"), on=stack)
    visit.open(path)
    visit.live()
    expect(visit.page.locator(MARK)).to_have_text("Live")
    return visit


def since(page: Page) -> str:
    """Wait until the page says that it is not live, and return since when."""
    mark = page.locator(MARK)
    expect(mark).to_have_text(re.compile(SINCE), timeout=60_000)
    return mark.inner_text().removeprefix("Reconnecting since ")


def stand_still(page: Page) -> None:
    """Check that no relative time moves while the page's clock goes on."""
    moving = page.locator("time.ago")
    before = moving.all_inner_texts()
    page.evaluate("() => new Promise((done) => setTimeout(done, 2500))")
    assert moving.all_inner_texts() == before


def live_again(visit: Visit, page: Page) -> None:
    """Wait until it is live again; that the browser complained of the network was to be expected."""
    expect(page.locator(MARK)).to_have_text("Live", timeout=60_000)
    assert "stale" not in (page.locator("main").get_attribute("class") or "")
    visit.complaints[:] = [complaint for complaint in visit.complaints if "net::ERR_" not in complaint]


def paths(stack: Stack) -> list[str]:
    """Every kind of page that is live, with something to show."""
    job = stack.submit("test.noop", delay=3600)["id"]
    body = {"name": f"s {uuid4()}", "task": "test.noop", "crontab": "0 3 * * *"}
    schedule = stack.http.post("/api/schedules", json=body).json()["id"]
    return [
        *("/dashboard", "/jobs", "/schedules", "/holds", f"/jobs/{job}", f"/schedules/{schedule}"),
        *chain.from_iterable(one.live(stack) for one in all_samples()),
    ]


@pytest.mark.long
def test_every_live_page_says_when_its_server_is_frozen(visitor: Visitor, fragile: Stack) -> None:
    visits = [watching(visitor, fragile, path) for path in paths(fragile)]  # a browser has six connections for each

    fragile.signal_all("web", signal.SIGSTOP)
    try:
        for visit in visits:
            since(visit.page)
        stand_still(visits[0].page)
    finally:
        fragile.signal_all("web", signal.SIGCONT)

    for visit in visits:
        live_again(visit, visit.page)


@pytest.mark.long
def test_a_server_that_is_stopped_is_named_with_the_time_and_found_again(visitor: Visitor, fragile: Stack) -> None:
    visit = watching(visitor, fragile)

    fragile.services["web"].stop(15)
    first = since(visit.page)
    stand_still(visit.page)
    assert since(visit.page) == first
    expect(visit.page.locator("#live-tries")).to_have_text(re.compile(r"^\d+ tries$"))

    fragile.start_service("web")
    live_again(visit, visit.page)


def test_a_page_that_is_offline_says_so(visitor: Visitor, fragile: Stack) -> None:
    visit = watching(visitor, fragile)

    visit.context.set_offline(True)
    since(visit.page)
    visit.context.set_offline(False)

    live_again(visit, visit.page)


@pytest.mark.long
def test_a_page_whose_database_is_away_is_not_live(visitor: Visitor, fragile: Stack) -> None:
    visit = watching(visitor, fragile)

    fragile.postgres.stop()
    try:
        since(visit.page)
    finally:
        fragile.postgres.start()

    live_again(visit, visit.page)


END: dict[str, Callable[[Stack, Visit], object]] = {
    "signed out": lambda stack, visit: stack.sql(
        "DELETE FROM sessions WHERE hash = encode(sha256(%s), 'hex')", visit.secret
    ),
    "expired": lambda stack, visit: stack.sql(
        "UPDATE sessions SET expires_at = now() WHERE hash = encode(sha256(%s), 'hex')", visit.secret
    ),
    "disabled": lambda stack, visit: stack.sql(
        "UPDATE users SET disabled_at = now() WHERE id = "
        "(SELECT user_id FROM sessions WHERE hash = encode(sha256(%s), 'hex'))",
        visit.secret,
    ),
}


@pytest.mark.long
@pytest.mark.parametrize("end", END)
def test_a_session_that_ends_elsewhere_is_said_with_a_way_back(visitor: Visitor, stack: Stack, end: str) -> None:
    visit = watching(visitor, stack, "/jobs")

    END[end](stack, visit)

    mark = visit.page.locator(MARK)
    expect(mark).to_contain_text("Signed out; as of ", timeout=60_000)
    expect(mark.get_by_role("link", name="Sign in")).to_have_attribute("href", "/sign-in?next=%2Fjobs")
    stand_still(visit.page)


def test_who_was_signed_out_signs_in_and_is_back_on_the_page(visitor: Visitor, stack: Stack) -> None:
    user = stack.user("operator")
    visit = visitor(user)
    page = visit.open("/jobs?task=test.noop")
    visit.live()

    END["signed out"](stack, visit)
    page.locator(MARK).get_by_role("link", name="Sign in").click(timeout=60_000)
    page.get_by_label("E-mail address").fill(user.email)
    page.get_by_label("Password").fill(user.password)
    page.locator("main").get_by_role("button", name="Sign in").click()

    expect(page).to_have_url(re.compile(r"/jobs\?task=test.noop$"))


def test_who_is_an_operator_no_more_is_told(visitor: Visitor, stack: Stack) -> None:
    visit = watching(visitor, stack)

    stack.sql(
        "UPDATE users SET role = 'user' WHERE id = "
        "(SELECT user_id FROM sessions WHERE hash = encode(sha256(%s), 'hex'))",
        visit.secret,
    )

    expect(visit.page.locator(MARK)).to_contain_text("You no longer have access to this", timeout=60_000)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "Signed out"),
        (403, "You no longer have access"),
        (422, "Not live"),
        (503, "Reconnecting"),
        (429, "Reconnecting"),
    ],
)
def test_a_stream_that_is_refused_is_named(visitor: Visitor, stack: Stack, status: int, words: str) -> None:
    visit = visitor(stack.user("operator"), on=stack)
    visit.page.route("**/live?*", lambda route: route.fulfill(status=status, headers={"Retry-After": "600"}))

    page = visit.open("/jobs")
    visit.page.clock.install()
    visit.page.clock.fast_forward(30_000)

    expect(page.locator(MARK)).to_contain_text(words)


def test_what_is_deleted_meanwhile_is_said_to_be_gone(visitor: Visitor, stack: Stack) -> None:
    job = stack.submit("test.noop", delay=3600)["id"]
    visit = watching(visitor, stack, f"/jobs/{job}")

    stack.sql("DELETE FROM jobs WHERE id = %s", job)

    expect(visit.page.locator(MARK)).to_contain_text("This is not there any more; as of")
