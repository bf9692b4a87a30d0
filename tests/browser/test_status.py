"""The status line: what is wrong stands on top of every operators' page, in the title and in the icon of the window."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from bellhop_ledger.broker.celery_app import QUEUES
from tests.browser.fixtures import Visitor
from tests.browser.looks import assert_good_to_look_at
from tests.browser.visit import PHONE
from tests.samples import all_samples
from tests.stack import Stack, wait_until

PAGES = ["/dashboard", "/jobs", "/jobs?state=failed", "/failures", "/schedules", "/schedules/new", "/mails"]
PAGES += [page for one in all_samples() for page in one.pages]
HEARD = "SELECT service FROM heartbeats"
BOTH = "Nothing runs: no worker; Nothing becomes due: no scheduler."


def icon(page: Page) -> str:
    """The file of the window's icon."""
    return str(page.locator("#icon").get_attribute("href")).rpartition("/")[2]


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A system whose worker and scheduler come and go."""
    made = Stack(tmp_path_factory.mktemp("quiet"))
    try:
        yield made.start("web")
    finally:
        made.stop()


def test_an_operator_sees_what_is_wrong_on_top_of_every_page_in_its_title_and_its_icon(
    visitor: Visitor, quiet: Stack
) -> None:
    visit = visitor(quiet.user("operator"), on=quiet, width=PHONE, scripts=False)

    for path in PAGES:
        page = visit.open(path)
        expect(page.locator("#alarms .notice p")).to_have_text(BOTH)
        assert (page.title().startswith("⚠ No worker · "), icon(page)) == (True, "icon-bad.svg"), path
        box = page.locator("#alarms").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < 400, path


def test_the_line_is_good_to_look_at_and_each_part_leads_to_its_place(visitor: Visitor, quiet: Stack) -> None:
    visit = visitor(quiet.user("operator"), on=quiet)
    assert_good_to_look_at(visit, "/failures")

    visit.page.get_by_role("link", name="Nothing runs").click()

    expect(visit.page.get_by_role("heading", name="Workers", exact=True)).to_be_visible()


def test_others_are_not_bothered(visitor: Visitor, quiet: Stack) -> None:
    for user in (None, quiet.user()):
        page = visitor(user, on=quiet).open("/")
        assert page.locator("#alarms .notice").count() == 0
        assert (page.title().startswith("⚠"), icon(page)) == (False, "icon.svg")


def test_the_line_changes_by_itself(visitor: Visitor, quiet: Stack) -> None:
    page = visitor(quiet.user("operator"), on=quiet).open("/jobs?state=failed")
    expect(page.locator("#alarms .part")).to_have_count(2)

    for name in ("worker", "scheduler"):
        quiet.start_service(name)
    expect(page.locator("#alarms p")).to_contain_text("All is well: 1 worker")
    expect(page).to_have_title("Jobs · Bellhop")
    expect(page.locator("#status-said")).to_have_text("All is well")
    assert icon(page) == "icon.svg"

    quiet.services["worker"].stop(15)
    expect(page.locator("#alarms p")).to_contain_text("no worker")
    expect(page).to_have_title("⚠ No worker · Jobs · Bellhop")
    assert icon(page) == "icon-bad.svg"
    quiet.services["scheduler"].stop(15)


@pytest.mark.parametrize("name", ["worker", "scheduler"])
def test_a_service_that_stops_in_peace_is_not_missed(quiet: Stack, name: str) -> None:
    quiet.start_service(name)
    wait_until(lambda: (name,) in quiet.sql(HEARD))

    quiet.services[name].stop(15)

    assert (name,) not in quiet.sql(HEARD)


def test_a_queue_that_no_worker_serves_is_named(visitor: Visitor, quiet: Stack) -> None:
    others = ",".join(queue for queue in QUEUES if queue != "slow")
    quiet.sql("INSERT INTO heartbeats (name, service, queues) VALUES ('w', 'worker', %s)", others)
    quiet.sql("INSERT INTO heartbeats (name, service) VALUES ('s', 'scheduler')")

    page = visitor(quiet.user("operator"), on=quiet).open("/mails")

    expect(page.locator("#alarms .part").first).to_contain_text("No worker takes jobs from the queue slow")
    quiet.sql("DELETE FROM heartbeats")
