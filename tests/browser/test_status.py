"""Alarms: that nothing runs stands on top of every operators' page, and in the title of the window."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from bellhop_ledger.broker.celery_app import QUEUES
from tests.browser.fixtures import Visitor
from tests.browser.visit import PHONE
from tests.samples import all_samples
from tests.stack import Stack, wait_until

PAGES = ["/dashboard", "/jobs", "/jobs?state=failed", "/schedules", "/schedules/new", "/mails"]
PAGES += [page for one in all_samples() for page in one.pages]
HEARD = "SELECT service FROM heartbeats"


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A system whose worker and scheduler come and go."""
    made = Stack(tmp_path_factory.mktemp("quiet"))
    try:
        yield made.start("web")
    finally:
        made.stop()


def test_an_operator_sees_the_alarm_on_top_of_every_page_and_in_its_title(visitor: Visitor, quiet: Stack) -> None:
    visit = visitor(quiet.user("operator"), on=quiet, width=PHONE)

    for path in PAGES:
        page = visit.open(path)
        alarm = page.locator("#alarms .notice").first
        expect(alarm).to_have_text("No worker has reported lately: nothing runs.")
        expect(page.locator("#alarms .notice").nth(1)).to_contain_text("No scheduler")
        assert page.title().startswith("⚠ No worker · "), path
        box = page.locator("#alarms").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < 400, path


def test_others_are_not_bothered(visitor: Visitor, quiet: Stack) -> None:
    for user in (None, quiet.user()):
        page = visitor(user, on=quiet).open("/")
        assert page.locator("#alarms .notice").count() == 0
        assert not page.title().startswith("⚠")


def test_the_alarm_goes_and_comes_by_itself(visitor: Visitor, quiet: Stack) -> None:
    page = visitor(quiet.user("operator"), on=quiet).open("/jobs?state=failed")
    expect(page.locator("#alarms .notice")).to_have_count(2)

    for name in ("worker", "scheduler"):
        quiet.start_service(name)
    expect(page.locator("#alarms .notice")).to_have_count(0)
    expect(page).to_have_title("Jobs · Bellhop")

    quiet.services["worker"].stop(15)
    expect(page.locator("#alarms .notice")).to_contain_text("No worker")
    expect(page).to_have_title("⚠ No worker · Jobs · Bellhop")
    quiet.services["scheduler"].stop(15)


@pytest.mark.parametrize("name", ["worker", "scheduler"])
def test_a_service_that_stops_in_peace_is_not_missed(quiet: Stack, name: str) -> None:
    quiet.start_service(name)
    wait_until(lambda: (name,) in quiet.sql(HEARD))

    quiet.services[name].stop(15)

    assert (name,) not in quiet.sql(HEARD)


def test_a_queue_that_no_worker_serves_is_an_alarm(visitor: Visitor, quiet: Stack) -> None:
    others = ",".join(queue for queue in QUEUES if queue != "slow")
    quiet.sql("INSERT INTO heartbeats (name, service, queues) VALUES ('w', 'worker', %s)", others)
    quiet.sql("INSERT INTO heartbeats (name, service) VALUES ('s', 'scheduler')")

    page = visitor(quiet.user("operator"), on=quiet).open("/mails")

    expect(page.locator("#alarms .notice")).to_have_text("No worker takes jobs from the queue slow: they wait.")
    quiet.sql("DELETE FROM heartbeats")
