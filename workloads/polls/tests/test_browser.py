"""Polls in the browser: opened, voted on by several people at once, and closed by themselves."""

import time
from datetime import datetime

import pytest
from playwright.sync_api import expect

from tests.browser.fixtures import Visitor
from tests.browser.looks import assert_good_to_look_at
from tests.browser.visit import Visit
from tests.cast import TestUser
from tests.stack import Stack
from workloads.polls.tests.polls import opened, unique, votes


@pytest.fixture
def anna(stack: Stack) -> TestUser:
    return stack.user()


def fill_in(visit: Visit, title: str, *options: str) -> None:
    visit.page.get_by_label("Question").fill(title)
    for place, name in enumerate(options, start=1):
        visit.page.get_by_label(f"Option {place}", exact=True).fill(name)


def vote_for(visit: Visit, name: str) -> None:
    visit.page.get_by_role("radio", name=name).check()
    visit.page.get_by_role("button", name="Vote").click()
    visit.see("Your vote is counted.")


def poll_of(visit: Visit, stack: Stack) -> dict[str, str]:
    """The poll whose page is open."""
    visit.page.wait_for_url("**/polls/*-*")
    return dict(stack.http.get(f"/api{visit.page.url.removeprefix(stack.url)}").json())


def test_a_poll_is_opened_voted_on_in_two_browsers_and_closes_by_itself(
    visitor: Visitor, stack: Stack, anna: TestUser
) -> None:
    owner, bob, carol, crowd = visitor(anna), visitor(stack.user()), visitor(stack.user()), visitor()
    title = unique("Tea or coffee?")

    owner.open("/polls/new")
    fill_in(owner, title, "Tea", "Coffee")
    owner.page.get_by_role("button", name="Open the poll").click()
    poll = poll_of(owner, stack)
    crowd.open("/polls")
    card = crowd.page.locator("li.poll", has_text=title)
    for one in (bob, carol):
        one.open(f"/polls/{poll['id']}")
    for one in (owner, bob, carol, crowd):
        one.live()

    vote_for(bob, "Coffee")
    for one in (owner, carol):
        expect(one.page.locator("#poll-result .count")).to_have_text(["0 0 %", "1 100 %"])
    vote_for(carol, "Tea")
    for one in (owner, bob):
        expect(one.page.locator("#poll-result .count")).to_have_text(["1 50 %", "1 50 %"])
    expect(card.locator(".count")).to_have_text(["1 50 %", "1 50 %"])

    soon = time.time() + 2
    assert anna.http.patch(f"/api/polls/{poll['id']}", json={"closes_at": soon}).status_code == 200
    for one in (owner, bob):
        expect(one.page.locator("#poll-status")).to_contain_text("closed")
    expect(owner.page.get_by_role("button", name="Close now")).to_be_hidden()
    expect(card).to_have_count(0)


def test_options_come_and_go_and_the_preview_follows(visitor: Visitor, anna: TestUser) -> None:
    visit = visitor(anna)
    page = visit.open("/polls/new")

    fill_in(visit, "Where to?", "The lake", "The hill")
    page.get_by_role("button", name="Add an option").click()
    page.keyboard.type("The town")
    page.get_by_role("button", name="Remove option 2").click()
    page.get_by_role("button", name="in 1 week").click()

    preview = page.locator("#preview")
    expect(preview.locator(".title")).to_have_text("Where to?")
    expect(preview.locator(".name")).to_have_text(["The lake", "The town"])
    expect(preview.locator("[data-preview=left]")).to_contain_text("7 days")
    assert page.locator("#options input").evaluate_all("all => all.map(one => one.value)") == ["The lake", "The town"]


def test_names_of_earlier_options_are_suggested(visitor: Visitor, anna: TestUser) -> None:
    name = unique("Walrus")
    opened(anna, options=[name, "Another"])
    page = visitor(anna).open("/polls/new")

    page.get_by_label("Option 1", exact=True).fill(name[:10])

    expect(page.locator(f"#names option[value='{name}']")).to_be_attached()


def test_a_date_is_chosen_in_the_visitors_own_time_zone(visitor: Visitor, stack: Stack, anna: TestUser) -> None:
    visit = visitor(anna, zone="America/New_York")
    visit.open("/polls/new")
    fill_in(visit, unique("When?"), "Now", "Later")

    visit.see("your time zone, America/New_York")
    visit.page.get_by_label("Closes", exact=True).fill("2031-07-01T18:30")
    visit.page.get_by_role("button", name="Open the poll").click()

    assert poll_of(visit, stack)["closes_at"] == "2031-07-01T22:30:00Z"
    assert visit.page.get_by_label("Closes", exact=True).input_value() == "2031-07-01T18:30"


def test_polls_are_opened_and_voted_on_without_scripts(visitor: Visitor, stack: Stack, anna: TestUser) -> None:
    visit = visitor(anna, scripts=False, zone="America/New_York")
    visit.open("/polls/new")
    fill_in(visit, unique("Plain?"), "Yes", "No")

    visit.see("Date and time in UTC")
    visit.page.get_by_label("Closes", exact=True).fill("2031-07-01T18:30")
    visit.page.get_by_role("button", name="Open the poll").click()
    poll = poll_of(visit, stack)
    vote_for(visit, "No")

    assert poll["closes_at"] == "2031-07-01T18:30:00Z"
    assert votes(stack, poll["id"]) == [0, 1]


def test_what_is_wrong_is_said_at_the_field_and_what_was_typed_is_kept(visitor: Visitor, anna: TestUser) -> None:
    visit = visitor(anna)
    page = visit.open("/polls/new")

    fill_in(visit, "The same?", "Tea", "TEA")
    page.get_by_label("Closes", exact=True).fill("1970-01-01T00:00")
    page.get_by_role("button", name="Open the poll").click()

    expect(page.locator("#fault-options")).to_contain_text("numbers 1 and 2 are the same")
    assert page.get_by_label("Question").input_value() == "The same?"
    assert page.get_by_label("Closes", exact=True).input_value() == "1970-01-01T00:00"
    assert visit.serious_faults() == []
    page.get_by_label("Option 2", exact=True).fill("Coffee")
    page.get_by_role("button", name="Open the poll").click()
    expect(page.locator("#fault-closes_at")).to_have_text("must be in the future")


def test_a_form_that_is_sent_twice_opens_one_poll(visitor: Visitor, anna: TestUser) -> None:
    visit = visitor(anna)
    visit.open("/polls/new")
    send = """async () => {
      const form = document.getElementById("new-poll");
      const sent = () => fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
      return Promise.all([sent(), sent()].map(async (answer) => (await answer).url));
    }"""

    fill_in(visit, "Twice?", "Yes", "No")
    first, second = visit.page.evaluate(send)
    fill_in(visit, "Something else?")
    third, _ = visit.page.evaluate(send)

    assert first == second
    assert "/polls/new" not in first
    assert third != first


def test_a_mind_is_changed_where_the_poll_allows_it(visitor: Visitor, stack: Stack, anna: TestUser) -> None:
    poll = opened(anna, votes_may_change=True)
    visit = visitor(stack.user())
    visit.open(f"/polls/{poll['id']}")

    vote_for(visit, "Tea")
    visit.page.get_by_role("radio", name="Coffee").check()
    visit.page.get_by_role("button", name="Change my vote").click()
    visit.see("You voted for Coffee.")

    assert votes(stack, poll["id"]) == [0, 1]


def test_the_owner_moves_the_date_and_closes_the_poll(visitor: Visitor, stack: Stack, anna: TestUser) -> None:
    poll = opened(anna)
    visit = visitor(anna)
    page = visit.open(f"/polls/{poll['id']}")
    page.get_by_label("Closes", exact=True).fill("2031-07-01T18:30")
    page.get_by_role("button", name="Move the closing date").click()
    visit.see("The closing date is moved.")
    moved = stack.http.get(f"/api/polls/{poll['id']}").json()["closes_at"]

    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Close now").click()
    visit.see("The poll is closed.")

    assert datetime.fromisoformat(moved) == datetime.fromisoformat("2031-07-01T18:30:00Z")
    assert stack.http.get(f"/api/polls/{poll['id']}").json()["state"] == "closed"


def test_the_pages_are_good_to_look_at(visitor: Visitor, stack: Stack, anna: TestUser) -> None:
    poll = opened(anna, title="W" * 200, options=["x" * 100, "y"], votes_may_change=True)
    anna.http.post(f"/api/polls/{poll['id']}/votes", json={"option": 1})
    visit = visitor(anna)

    for path in ("/polls", "/polls?state=closed", "/polls/new", f"/polls/{poll['id']}"):
        assert_good_to_look_at(visit, path)


def closing(stack: Stack, moment: str) -> str:
    """Open a poll that closes at a moment."""
    body = {"title": "When?", "options": ["a", "b"], "closes_at": moment}
    return str(stack.user("operator").http.post("/api/polls", json=body).json()["id"])


def test_a_closing_date_in_the_repeated_hour_stays_when_nobody_touches_it(visitor: Visitor, stack: Stack) -> None:
    moment = "2030-10-27T01:30:42.500000Z"
    id = closing(stack, moment)
    visit = visitor(stack.user("operator"), zone="Europe/Vienna")
    page = visit.open(f"/polls/{id}")
    expect(page.get_by_label("Closes")).to_have_value("2030-10-27T02:30")

    page.get_by_role("button", name="Move the closing date").click()

    visit.see("The closing date stays.")
    assert stack.http.get(f"/api/polls/{id}").json()["closes_at"] == moment


def test_a_closing_date_that_the_clock_skips_or_shows_twice_is_told(visitor: Visitor, stack: Stack) -> None:
    visit = visitor(stack.user("operator"), zone="Europe/Vienna")
    page = visit.open(f"/polls/{closing(stack, '2030-01-31T12:00:00Z')}")
    field = page.get_by_label("Closes")

    field.fill("2030-10-27T02:30")
    expect(page.locator("#hint-closes_at")).to_contain_text("comes twice")
    field.fill("2030-03-31T02:30")
    expect(page.locator("#hint-closes_at")).not_to_contain_text("comes twice")
    assert not field.evaluate("field => field.checkValidity()")
    field.fill("2030-03-31T03:30")
    assert field.evaluate("field => field.checkValidity()")
