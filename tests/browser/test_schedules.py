"""The pages of schedules, in a browser."""

import re
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect

from tests.browser.fixtures import Visitor
from tests.browser.looks import assert_good_to_look_at
from tests.browser.visit import PATIENCE, Visit
from tests.stack import Stack

expect.set_options(timeout=PATIENCE)


def unique(words: str) -> str:
    return f"{words} {uuid4().hex[:8]}"


def make(stack: Stack, **fields: Any) -> dict[str, Any]:
    wanted = {"name": unique("nightly"), "task": "test.noop", "crontab": "30 2 * * mon-fri", **fields}
    answer = stack.http.post("/api/schedules", json=wanted)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def see_words(page: Page, words: str) -> None:
    expect(page.locator("#preview .words")).to_have_text(words)


@pytest.mark.long
def test_the_pages_are_good_to_look_at(operator: Visit, stack: Stack) -> None:
    made = make(stack, note="For the night.")
    job = stack.http.post(f"/api/schedules/{made['id']}/run").json()
    stack.ended(job["id"])

    for path in ("/schedules", f"/schedules/{made['id']}", f"/schedules/{made['id']}/edit", "/schedules/new"):
        assert_good_to_look_at(operator, path)


def test_a_crontab_is_told_in_words_while_one_types(operator: Visit) -> None:
    page = operator.open("/schedules/new")

    page.get_by_label("Crontab").fill("30 2 * * mon-fri")
    see_words(page, "Every weekday at 02:30")
    page.get_by_label("Time zone").fill("Europe/Vienna")

    expect(page.locator("#preview")).to_contain_text("In Europe/Vienna")
    expect(page.locator("#preview .to-come li")).to_have_count(5)
    page.get_by_label("Crontab").fill("61 * * * *")
    expect(page.locator("#preview .fault")).to_have_text("minute: 61 is not a number from 0 to 59")


def test_only_the_fields_of_the_chosen_way_are_seen(operator: Visit) -> None:
    page = operator.open("/schedules/new")

    page.get_by_label("It runs").select_option("interval")
    page.get_by_label("Every").fill("5")

    expect(page.get_by_label("Crontab")).to_be_hidden()
    see_words(page, "Every 5 minutes")


def test_without_scripts_a_button_shows_what_it_means(visitor: Visitor, stack: Stack) -> None:
    page = visitor(stack.user("operator"), scripts=False).open("/schedules/new")
    page.get_by_label("Name").fill("kept")

    page.get_by_label("Crontab").fill("0 0 1 * *")
    page.get_by_role("button", name="Preview").click()

    see_words(page, "At 00:00 on the 1st of each month")
    expect(page.get_by_label("Name")).to_have_value("kept")
    expect(page.get_by_label("Crontab")).to_have_value("0 0 1 * *")


def test_a_wrong_form_says_what_is_wrong_and_keeps_what_was_typed(operator: Visit) -> None:
    page = operator.open("/schedules/new")
    page.get_by_label("Name").fill("kept")
    page.get_by_label("Task", exact=True).select_option("http.request")
    page.locator("[name='args.url']").fill("no address")

    page.get_by_role("button", name="Schedule it").click()

    expect(page.locator("[name='args.url']")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("[name='args.url']")).to_have_value("no address")
    expect(page.get_by_label("Name")).to_have_value("kept")
    assert operator.serious_faults() == []


def test_the_fields_of_the_chosen_task_are_filled_in_also_as_json(operator: Visit) -> None:
    page = operator.open("/schedules/new")
    page.get_by_label("Name").fill(unique("kept"))
    page.get_by_label("Task", exact=True).select_option("http.request")
    page.locator("[name='args.url']").fill("https://example.org/")
    page.get_by_role("group", name="Arguments as").get_by_role("button", name="JSON").click()
    expect(page.locator("[name='args:json']")).to_have_value(re.compile("https://example.org/"))
    page.get_by_role("group", name="Arguments as").get_by_role("button", name="Fields").click()
    page.get_by_role("button", name="The first of each month at 6:00").click()
    see_words(page, "At 06:00 on the 1st of each month")
    page.locator("#content").get_by_text("More", exact=True).click()
    page.get_by_label("Tags").fill("night")
    page.get_by_role("button", name="Schedule it").click()

    operator.see("is scheduled.")
    operator.see("https://example.org/")
    operator.see("night")


def test_the_zone_is_that_of_the_browser_until_another_is_chosen(visitor: Visitor, stack: Stack) -> None:
    page = visitor(stack.user("operator"), zone="Asia/Tokyo").open("/schedules/new")

    expect(page.get_by_label("Time zone")).to_have_value("Asia/Tokyo")
    expect(page.locator("#preview")).to_contain_text("In Asia/Tokyo")


def test_a_schedule_is_made_run_paused_resumed_and_deleted(operator: Visit) -> None:
    name = unique("by hand")
    page = operator.open("/schedules/new")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Task", exact=True).select_option("test.noop")
    page.get_by_role("button", name="Schedule it").click()
    operator.see(f"{name} is scheduled.")

    page.get_by_role("button", name="Run now").click()
    expect(page.locator(".strip li")).to_have_count(1)
    page.get_by_label("Reason").fill("The printer burns")
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("#state .badge")).to_have_text("paused")
    page.get_by_role("button", name="Resume").click()
    expect(page.locator("#state .badge")).to_have_text("active")
    expect(page.locator("#changes strong")).to_have_text(["Resumed", "Paused", "Run", "Created"])

    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Delete").click()
    operator.see(f"{name} is deleted.")
    assert page.get_by_role("link", name=name).count() == 0


def test_the_strip_follows_the_runs_by_itself(operator: Visit, stack: Stack) -> None:
    made = make(stack)
    page = operator.open(f"/schedules/{made['id']}")
    operator.live()

    stack.http.post(f"/api/schedules/{made['id']}/run")

    expect(page.locator(".strip li.succeeded")).to_have_count(1)


def test_a_change_keeps_the_secrets_and_is_written_down(visitor: Visitor, stack: Stack) -> None:
    user = stack.user("operator")
    args = {"url": "https://example.org/", "headers": {"X-Key": "open-sesame"}}
    made = make(stack, task="http.request", args=args)
    visit = visitor(user)
    page = visit.open(f"/schedules/{made['id']}/edit")
    shown = page.content()

    page.locator("[name='args.url']").fill("https://example.org/other")
    page.get_by_label("Crontab").fill("@daily")
    page.get_by_role("button", name="Save").click()

    visit.see("Saved. It takes effect at once.")
    visit.see("https://example.org/other")
    expect(page.locator("#changes")).to_contain_text(f"Changed by {user.email}")
    assert "sesame" not in shown + page.content()
    [(stored,)] = stack.sql("SELECT args->'headers'->>'X-Key' FROM schedules WHERE id = %s", made["id"])
    assert stored.startswith("sealed:v1:")


def test_a_change_that_somebody_else_overtook_is_refused(operator: Visit, stack: Stack) -> None:
    made = make(stack)
    page = operator.open(f"/schedules/{made['id']}/edit")
    stack.http.patch(f"/api/schedules/{made['id']}", json={"note": "changed meanwhile"})

    page.get_by_label("Crontab").fill("@daily")
    page.get_by_role("button", name="Save").click()

    operator.see("Somebody has changed the schedule since")


def test_schedules_are_for_operators(signed_in: Visit, visitor: Visitor) -> None:
    signed_in.open("/schedules")
    stranger = visitor().open("/schedules/new")

    signed_in.see("You do not have access to this")
    assert "/sign-in" in stranger.url


def test_a_night_of_failures_is_read_to_its_end(operator: Visit, stack: Stack) -> None:
    made = make(stack, task="test.fail", args={"times": 1, "permanent": True})
    for _ in range(12):
        last = stack.ended(stack.http.post(f"/api/schedules/{made['id']}/run").json()["id"])

    page = operator.open(f"/schedules/{made['id']}")
    expect(page.get_by_label("The latest runs").get_by_text("asked to fail for good")).to_have_count(10)
    page.get_by_role("link", name="those that failed").click()

    expect(page.get_by_label("Runs, the latest first").get_by_text("asked to fail for good")).to_have_count(12)
    assert_good_to_look_at(operator, f"/schedules/{made['id']}/runs?state=failed")
    page.get_by_label("State of the job").select_option("succeeded")
    page.get_by_role("button", name="Show").click()
    operator.see("No run matches.")
    page.get_by_role("link", name=f"Back to {made['name']}").click()
    page.locator(".strip a").last.click()
    expect(page).to_have_url(f"{stack.url}/jobs/{last['id']}")
