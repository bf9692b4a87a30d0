"""Three in the morning: somebody who has never seen the pages finds what went wrong, whom it affects, and mends it."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.fixtures import Visitor
from tests.night.damage import NIGHT, Night
from tests.night.person import Person, shots_wanted
from tests.stack import wait_until

FEW = {"refused": 24, "timed_out": 20, "malformed": 16, "lost": 12, "mails": 5}
MANY = {"refused": 1800, "timed_out": 1500, "malformed": 1200, "lost": 500, "mails": 12}
MOST_ACTIONS = 40
"""Clicks and typed texts; somebody who reads what is on the page needs about four seconds for each."""
CAUSES = {
    "refused": re.compile("refused the connection"),
    "timed_out": re.compile("did not answer payment"),
    "malformed": re.compile("is not a number"),
    "lost": re.compile("died, or lost touch"),
}
"""What the heading of each reason says."""


@pytest.fixture(
    params=[pytest.param(FEW, id="70 failures"), pytest.param(MANY, id="5000 failures", marks=pytest.mark.long)]
)
def night(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    made = Night(tmp_path_factory.mktemp("night"), **request.param)
    try:
        yield made.fall()
    finally:
        made.stack.stop()


@pytest.mark.long
def test_each_cause_each_affected_order_and_the_right_mending_are_found(night: Night, visitor: Visitor) -> None:
    visit = visitor(night.stack.user("operator"), on=night.stack, width=1440)
    person = Person(visit, shots_wanted())

    status_names_what_is_wrong(person)
    reasons = each_cause_is_found(person, night)
    each_order_is_found(person, night, reasons)
    the_host_is_paused(person, night)
    the_lost_ones_are_retried(person, night, reasons["lost"])
    a_wrong_argument_is_mended(person, night)
    the_schedule_is_found(person)
    the_mails_are_found(person, night)

    assert person.actions <= MOST_ACTIONS


def status_names_what_is_wrong(person: Person) -> None:
    page = person.open("/dashboard")
    person.visit.live()

    status = page.locator("#alarms")
    expect(status).to_contain_text("refused")
    expect(status).to_contain_text(re.compile("[Mm]ail"))
    assert page.title().startswith("⚠")
    person.keep("dashboard")


def each_cause_is_found(person: Person, night: Night) -> dict[str, str]:
    """Read the page of reasons, and return the id of each cause's."""
    page = person.go("Why")
    person.keep("why")
    found = {}
    for cause, words in CAUSES.items():
        card = page.locator("article.reason", has=page.get_by_role("heading", name=words))
        expect(card).to_have_count(1)
        expect(card).to_contain_text(f"{getattr(night, cause):,} jobs")
        found[cause] = str(card.get_attribute("id")).removeprefix("reason-")
    return found


def each_order_is_found(person: Person, night: Night, reasons: dict[str, str]) -> None:
    """What Show lists are the orders of the cause, all of them; and each order leads to its job by the query box."""
    for cause, orders in night.orders.items():
        listed = night.jobs(f"reason:{reasons[cause]}")
        assert {job["label"] for job in listed} == {f"order {order}" for order in orders}, cause

    page = person.click(person.page.locator(f"#show-{reasons['timed_out']}"))
    expect(page.locator("#jobs tbody tr").first).to_contain_text("order ")
    order = night.orders["timed_out"][3]
    page = person.find(f"args.order:{order}")
    person.keep("query")
    page = person.click(page.locator("#jobs tbody th a").first)
    expect(page.locator("main")).to_contain_text("north.bank.example:443 did not answer payment")
    expect(page.locator("main")).to_contain_text(f"order {order}")
    person.keep("job")


def the_host_is_paused(person: Person, night: Night) -> None:
    page = person.go("Why")
    person.click(page.get_by_role("link", name=re.compile("^Pause localhost")))
    expect(page.get_by_label("Name")).to_have_value(re.compile("localhost"))
    person.click(page.locator("main").get_by_role("button", name="Pause", exact=True))

    wait_until(lambda: night.stack.sql("SELECT 1 FROM holds WHERE kind = 'host' AND name LIKE 'localhost%'"))


def the_lost_ones_are_retried(person: Person, night: Night, reason: str) -> None:
    page = person.go("Why")
    card = page.locator(f"#reason-{reason}")
    person.click(card.get_by_role("button", name=re.compile(f"^Retry these {night.lost}( jobs)?$")))
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    person.keep("retry")

    wait_until(lambda: night.count("state = 'succeeded' AND task = %s", "orders.pack") == night.lost)
    expect(page.locator("main")).to_contain_text(f"{night.lost} jobs are queued again", timeout=60_000)


def a_wrong_argument_is_mended(person: Person, night: Night) -> None:
    order = night.orders["malformed"][2]
    person.go("Jobs")
    page = person.find(f"args.order:{order}")
    page = person.click(page.locator("#jobs tbody th a").first)
    expect(page.locator("main")).to_contain_text(f"the amount of order {order} is not a number")
    page = person.click(page.get_by_role("link", name=re.compile("changed arguments")))
    person.actions += 1
    page.get_by_label("Amount").fill("42.50")
    person.click(page.locator("main").get_by_role("button", name=re.compile("^(Submit|Run)")))

    expect(page.locator("#job-head .badge").first).to_have_text("succeeded", timeout=60_000)


def the_schedule_is_found(person: Person) -> None:
    page = person.go("Schedules")
    expect(page.locator("main tbody tr:not(.group)").first).to_contain_text("nightly revenue")
    page = person.click(page.get_by_role("navigation", name="Schedules").get_by_role("link", name="Last 24 h"))
    row = page.locator("#wall tbody tr").first
    expect(row).to_contain_text("nightly revenue")
    assert row.locator(".cell.failed").count() >= NIGHT
    person.keep("schedules")
    page = person.click(row.get_by_role("link", name="nightly revenue"))
    expect(page.locator("main")).to_contain_text("there are no exchange rates for EU")


def the_mails_are_found(person: Person, night: Night) -> None:
    page = person.page
    person.click(page.locator(".main-links summary", has_text="More"))
    page = person.click(page.get_by_role("navigation", name="Main").get_by_role("link", name="Mails"))

    expect(page.locator("main tbody tr", has_text="retrying")).to_have_count(night.mails)
    expect(page.locator("main tbody tr").first).to_contain_text("The mail server cannot be reached")
    person.keep("mails")
