"""The pages of workers, queues and tasks: good to look at, moving by themselves, and usable by keyboard."""

import pytest
from playwright.sync_api import expect

from tests.browser.fixtures import Visitor
from tests.browser.looks import assert_good_to_look_at
from tests.stack import wait_until
from tests.workers import WithWorker

GHOST = """
    INSERT INTO heartbeats (name, service, queues, processes, busy, seen_at, started_at)
    VALUES ('worker@gone:7', 'worker', 'default', 2, 1, now() - interval '10 minutes', now() - interval '1 day')
"""


@pytest.mark.long
def test_a_worker_is_watched_and_drained_by_keyboard(visitor: Visitor, with_worker: WithWorker) -> None:
    stack = with_worker(BELLHOP_RELEASE="r42", BELLHOP_PLUGINS="tests.tasks,tests.tasks.waits")
    stack.sql(GHOST)
    operator = visitor(stack.user("operator"), on=stack)
    job = stack.submit("test.sleep", args={"seconds": 60})["id"]
    [name] = [row[0] for row in stack.sql("SELECT name FROM heartbeats WHERE release = 'r42'")]

    page = operator.open("/workers")
    operator.live()
    expect(page.locator("#workers")).to_contain_text("test.sleep since")
    expect(page.locator("#workers tr", has_text="worker@gone:7").locator(".badge")).to_have_class("badge neutral")
    expect(page.locator("#events")).to_contain_text("r42")
    assert_good_to_look_at(operator, "/workers")
    assert_good_to_look_at(operator, f"/workers/{name}")

    page = operator.open(f"/workers/{name}")
    operator.live()
    expect(page.locator("#worker tbody tr", has_text="test.sleep")).to_contain_text(job)
    page.get_by_label("Reason").focus()
    page.keyboard.type("The machine is replaced")
    page.keyboard.press("Enter")
    operator.see("Draining: 1 still runs.")
    assert_good_to_look_at(operator, f"/workers/{name}")
    stack.http.post(f"/api/jobs/{job}/cancel")
    operator.see("Drained: it takes no jobs")
    page.get_by_role("button", name="Resume this worker").press("Enter")
    operator.see("The worker takes jobs again.")
    wait_until(lambda: stack.http.get(f"/api/workers/{name}").json()["state"] == "alive")


def test_a_reason_is_asked_for_and_viewers_have_no_form(visitor: Visitor, with_worker: WithWorker) -> None:
    stack = with_worker()
    [name] = wait_until(lambda: [row[0] for row in stack.sql("SELECT name FROM heartbeats WHERE service = 'worker'")])
    plain = visitor(stack.user("operator"), on=stack, scripts=False)
    page = plain.open(f"/workers/{name}")
    page.locator("[name=reason]").evaluate("field => field.removeAttribute('required')")

    page.get_by_role("button", name="Drain this worker").click()

    plain.see("is required")
    assert stack.http.get(f"/api/workers/{name}").json()["draining"] is None


@pytest.mark.long
def test_queues_say_when_they_are_empty_and_are_paused_without_scripts(
    visitor: Visitor, with_worker: WithWorker
) -> None:
    stack = with_worker()
    operator = visitor(stack.user("operator"), on=stack)
    plain = visitor(stack.user("operator"), on=stack, scripts=False)
    for path in ("/queues", "/queues/people", "/tasks", "/tasks/test.add", "/tasks/http.request", "/dashboard"):
        assert_good_to_look_at(operator, path)

    page = plain.open("/queues/slow")
    page.get_by_label("Reason").fill("The database is moved")
    page.get_by_role("button", name="Pause slow").click()
    plain.see("The queue slow is paused.")
    assert page.url.endswith("/queues/slow")
    stack.submit("test.add", args={"a": 1, "b": 2})
    operator.open("/queues")
    operator.live()
    operator.see("The database is moved")
    assert_good_to_look_at(operator, "/queues/slow")
    page.get_by_role("button", name="Resume slow").click()
    plain.see("The queue slow is resumed.")

    wait_until(lambda: stack.http.get("/api/queues/slow").json()["outlook"] == "empty")


def test_a_task_says_what_it_takes_who_serves_it_and_is_paused(visitor: Visitor, with_worker: WithWorker) -> None:
    stack = with_worker(WORKER_QUEUES="default,people")
    operator = visitor(stack.user("operator"), on=stack)

    page = operator.open("/tasks/test.add")
    operator.see("No worker serves its queue")
    arguments = page.get_by_role("region", name="Arguments")
    expect(arguments.locator("tr", has_text="a").nth(1)).to_contain_text("whole number")
    page.get_by_label("Reason").fill("It adds wrongly")
    page.get_by_role("button", name="Pause test.add").click()
    operator.see("Paused: It adds wrongly")
    assert_good_to_look_at(operator, "/tasks/test.add")
    operator.page.get_by_role("button", name="Resume test.add").click()

    operator.see("The task test.add is resumed.")
