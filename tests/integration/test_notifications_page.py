"""The page about notifications, and docs/notifications.md: its examples are run."""

import html
import json
import os
import re
import subprocess
from pathlib import Path

import httpx
import pytest

from bellhop_ledger.accounts.roles import Role
from bellhop_worker.notifications.formats import for_webhook
from tests.documents import blocks
from tests.integration.test_notifications_sent import create, unique
from tests.integration.test_pages_forms import browser_of, sent
from tests.integration.test_service_tokens import service
from tests.notifying import notification
from tests.stack import TOKEN, Stack

DOCUMENT = "docs/notifications.md"


def code(language: str) -> list[str]:
    return [block.code for block in blocks() if (block.document, block.language) == (DOCUMENT, language)]


def test_the_examples_run(stack: Stack, tmp_path: Path) -> None:
    env = {**os.environ, "BELLHOP_URL": stack.url, "BELLHOP_TOKEN": TOKEN}
    script = "\n".join(["set -euo pipefail", *code("sh")])

    done = subprocess.run(
        ["bash", "-c", script], env=env, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    changed = json.loads(done.stdout)
    assert (changed["name"], changed["origin"]) == ("*", "https://alerts.example.org:443")
    for name in ("rule.json", "hook.json"):
        stack.http.delete(f"/api/notifications/{json.loads((tmp_path / name).read_text())['id']}")


def test_the_body_of_the_page_is_what_a_webhook_gets() -> None:
    [shown] = map(json.loads, code("json"))

    made = for_webhook(notification(**shown["data"], event="late", at=shown["timestamp"]))

    assert made == shown


@pytest.fixture
def operator(stack: Stack) -> httpx.Client:
    return browser_of(stack, stack.user(role="operator"))


def fields(**more: str) -> dict[str, str]:
    return {"kind": "schedule", "name": unique(), "failures": "2", "channel": "mail", "to": "a@example.org", **more}


def test_a_rule_is_made_changed_tested_and_deleted_on_the_page(operator: httpx.Client) -> None:
    form = fields(quiet_from="22:00", quiet_until="07:00", recovered="true")
    page = sent(operator, "/notifications", **form).headers["Location"]

    assert form["name"] in operator.get("/notifications").text
    assert 'value="22:00"' in operator.get(page).text
    assert sent_to(operator, page, page, **(form | {"failures": "7"})).status_code == 303
    assert 'value="7"' in operator.get(page).text
    assert sent_to(operator, page, f"{page}/test").status_code == 303
    assert "A test is on its way" in operator.get(page).text
    assert sent_to(operator, page, f"{page}/delete").status_code == 303
    assert operator.get(page).status_code == 404


def test_the_form_of_a_rule_to_an_account_keeps_the_account(stack: Stack) -> None:
    user = stack.user(role="operator")
    operator = browser_of(stack, user)
    page = sent(operator, "/notifications", **fields(to="")).headers["Location"]

    shown = operator.get(page).text

    assert f"empty: still that of {user.email}" in shown
    assert sent_to(operator, page, page, **fields(to="", failures="7")).status_code == 303
    [found] = [one for one in stack.http.get("/api/notifications").json()["notifications"] if one["id"] in page]
    assert (found["to_account"], found["failures"]) == (str(user.id), 7)


def test_the_page_of_a_schedule_leads_to_a_form_with_its_name(operator: httpx.Client, stack: Stack) -> None:
    body = {"name": unique(), "task": "test.noop", "crontab": "0 0 31 12 *"}
    id = stack.http.post("/api/schedules", json=body).json()["id"]

    found = re.search(r'href="(/notifications[^"]+)"', operator.get(f"/schedules/{id}").text)

    assert found
    assert f'value="{body["name"]}"' in operator.get(html.unescape(found[1])).text


def sent_to(browser: httpx.Client, page: str, path: str, **form: str) -> httpx.Response:
    """Send a form of a page to a path."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(page).text)
    assert found
    return browser.post(path, data=form | {"csrf_token": found[1]})


def test_a_form_that_makes_no_sense_names_its_field_and_keeps_what_was_typed(operator: httpx.Client) -> None:
    form = fields(failures="", late_seconds="600", kind="task")

    answer = sent(operator, "/notifications", **form)

    assert answer.status_code == 422
    assert "must not be given for a task" in answer.text
    assert f'value="{form["name"]}"' in answer.text


def test_the_stars_of_a_channel_that_is_left_are_no_fault(operator: httpx.Client, stack: Stack) -> None:
    hook = {"channel": "webhook", "url": "https://a.example/x", "signing_secret": "whsec_c2lnbmluZy1zZXNhbWU="}
    rule = create(stack, **hook)
    stars = {"url": "***", "signing_secret": "***"}

    answer = sent_to(operator, f"/notifications/{rule['id']}", f"/notifications/{rule['id']}", **fields(**stars))

    assert answer.status_code == 303, answer.text
    assert stack.http.get(f"/api/notifications/{rule['id']}").json()["channel"] == "mail"


def test_service_tokens_have_no_notifications(stack: Stack) -> None:
    client = service(stack, tasks=["*"], schedules=["*"])

    assert client.get("/api/notifications").status_code == 403
    assert client.post("/api/notifications", json={}).status_code == 403


def test_a_viewer_sees_no_rules(stack: Stack) -> None:
    assert browser_of(stack, stack.user(Role.VIEWER)).get("/notifications").status_code == 403
