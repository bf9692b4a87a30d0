"""Forms and filters of pages: each fault is named where it is, and what was typed is never lost."""

import html
import re
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from tests.cast import PASSWORD, TestUser
from tests.stack import Stack

SCHEDULE = {"name": "a report", "task": "http.request", "rule": "crontab", "crontab": "0 9 * * *", "time_zone": "UTC"}


def token_in(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found[1]


def hidden_in(page: str) -> dict[str, str]:
    return {
        name: html.unescape(value)
        for name, value in re.findall(r'type="hidden" name="([\w:.]+)" value="([^"]*)"', page)
    }


def browser_of(stack: Stack, person: TestUser | None = None) -> httpx.Client:
    """A browser, in which somebody may be signed in."""
    browser = stack.client()
    browser.cookies.update(person.cookies if person else {})
    return browser


@pytest.fixture
def operator(stack: Stack) -> httpx.Client:
    """A browser in which an operator is signed in."""
    return browser_of(stack, stack.user(role="operator"))


def sent(browser: httpx.Client, path: str, **fields: Any) -> httpx.Response:
    return browser.post(path, data=fields | {"csrf_token": token_in(browser.get(path).text)})


def test_a_filter_that_is_not_known_keeps_the_others(stack: Stack) -> None:
    answer = stack.http.get("/jobs?state=failed&queue=nobody&error=refused")

    assert answer.status_code == 422
    assert "error: is not known here. It is left out." in answer.text
    assert 'value="state:failed queue:nobody"' in answer.text
    assert "No job matches." in answer.text


@pytest.mark.parametrize("query", ["state=lost", "limit=0", "cursor=x", "no_such=1", "search=" + "a" * 300])
def test_a_filter_of_schedules_that_makes_no_sense_is_named_and_left_out(stack: Stack, query: str) -> None:
    answer = stack.http.get(f"/schedules?{query}")

    assert answer.status_code == 422
    assert f"{query.partition('=')[0]}: " in answer.text
    assert "It is left out." in answer.text


def test_the_button_says_how_many_failed_jobs_it_queues_again(stack: Stack) -> None:
    for _ in range(3):
        stack.ended(stack.submit("test.fail", args={"times": 9, "permanent": True})["id"])

    page = stack.http.get("/jobs?state=failed&task=test.fail").text
    button = re.search(r"<button>Retry ([^<]+)</button>", page)

    assert button
    assert re.fullmatch(r"this job|these [0-9,]+ jobs", button[1])


@pytest.mark.parametrize(
    ("fields", "faults"),
    [
        (
            {"args:json": '{"urll": "https://example.org", "retries": "a"}'},
            ["args.url: is required", "args.retries: must be an integer", "args.urll: is not known here"],
        ),
        ({"args:json": "{", "crontab": "99 * * * *"}, ["args: ", "crontab: "]),
        ({"args:json": '{"urll": 1}', "crontab": "99 * * * *"}, ["args.urll: is not known here", "crontab: "]),
        ({"args:json": "[]", "rule": "once", "once_at": ""}, ["args: must be a JSON object", "once at: is required"]),
        ({"args:json": '{"url": "https://example.org", "headers": {"X": 1}}'}, ["args.headers.X: "]),
    ],
)
def test_each_fault_of_a_schedules_form_is_named_with_its_path(
    operator: httpx.Client, fields: dict[str, str], faults: list[str]
) -> None:
    answer = sent(operator, "/schedules/new", **SCHEDULE | fields)

    seen = html.unescape(re.sub(r"<[^>]+>", "", answer.text))
    assert answer.status_code == 422
    assert [fault for fault in faults if fault not in seen] == []


def test_no_task_is_offered_before_others_and_the_chosen_one_with_its_fields(operator: httpx.Client) -> None:
    page = operator.get("/schedules/new").text
    chosen = sent(operator, "/schedules/new", choose="yes", **SCHEDULE | {"name": "kept"}).text

    assert '<option value="" selected>Choose a task</option>' in page
    assert 'name="args.url"' not in page
    assert 'name="args.url"' in chosen
    assert 'value="kept"' in chosen
    assert 'name="args.url"' in operator.get("/schedules/new?task=http.request").text


def test_a_preset_is_filled_in_and_the_rest_is_kept(operator: httpx.Client) -> None:
    fields = SCHEDULE | {"rule": "once", "args.url": "https://example.org/kept"}

    page = sent(operator, "/schedules/new", preset="0 6 1 * *", **fields).text

    assert re.search(r'value="0 6 1 \* \*"\s+name="crontab"', page)
    assert '<option value="crontab" selected>' in page
    assert "https://example.org/kept" in page


def test_the_jobs_of_a_schedule_are_told_what_they_do_in_another_way(stack: Stack, operator: httpx.Client) -> None:
    name = f"with overrides {stack.user().email}"
    fields = SCHEDULE | {
        "name": name,
        "args.url": "https://example.org/",
        "tags": "night tenant:7",
        "label": "First",
        "expires_after": "3600",
    }
    made = sent(operator, "/schedules/new", **fields).headers["Location"]
    stored = stack.http.get(f"/api{made}").json()
    shown, page = operator.get(made).text, operator.get(f"{made}/edit").text
    fields |= {"tags": "", "label": "Ping", "expires_after": "", "version": str(stored["version"])}
    sent(operator, f"{made}/edit", **fields)

    assert stored["overrides"] == {"tags": ["night", "tenant:7"], "label": "First", "expires_after": 3600}
    assert "<dt>Expires after</dt><dd>1 h</dd>" in shown
    assert 'value="night tenant:7"' in page
    assert stack.http.get(f"/api{made}").json()["overrides"] == {"label": "Ping"}


def test_a_form_that_is_sent_after_the_session_has_ended_is_kept_and_can_be_sent_after_signing_in(
    stack: Stack,
) -> None:
    person = stack.user(role="operator")
    browser = browser_of(stack, person)
    typed = SCHEDULE | {"name": f"kept & sent {person.email}", "task": "files.prune", "args:json": "{}"}
    page = browser.get("/schedules/new").text
    browser.cookies.delete("bellhop_session")

    refused = browser.post("/schedules/new", data=typed | {"csrf_token": token_in(page)})
    again = hidden_in(refused.text)
    signed_in = browser.post("/sign-in", data=again | {"email": person.email, "password": PASSWORD})
    fields = hidden_in(signed_in.text)
    made = browser.post("/schedules/new", data=fields)

    assert refused.status_code == 401
    assert "Your session has ended" in refused.text
    assert signed_in.status_code == 200
    assert {name: fields[name] for name in typed} == typed
    assert made.status_code == 303
    assert made.headers["Location"].startswith("/schedules/")


def test_a_wrong_password_on_the_way_loses_nothing_that_was_typed(stack: Stack) -> None:
    person = stack.user(role="operator")
    browser = browser_of(stack, person)
    page = browser.get("/schedules/new").text
    browser.cookies.delete("bellhop_session")
    refused = browser.post("/schedules/new", data=SCHEDULE | {"csrf_token": token_in(page)})

    answer = browser.post("/sign-in", data=hidden_in(refused.text) | {"email": person.email, "password": "wrong one"})

    assert answer.status_code in (401, 403, 422)
    assert hidden_in(answer.text)["kept"] == urlencode(SCHEDULE)
    assert hidden_in(answer.text)["kept_for"] == "/schedules/new"


def test_a_form_with_an_old_token_can_be_sent_again(operator: httpx.Client) -> None:
    refused = operator.post("/schedules/new", data=SCHEDULE | {"args:json": "{", "csrf_token": "old.one"})
    again = operator.post("/schedules/new", data=hidden_in(refused.text))

    assert refused.status_code == 403
    assert "Send it again" in refused.text
    assert again.status_code == 422
    assert 'value="a report"' in again.text


@pytest.mark.parametrize("path", ["/account/password", "/account/tokens"])
def test_no_password_is_ever_kept(stack: Stack, path: str) -> None:
    fields: dict[str, Any] = {"password": "geheim-1", "new_password": "geheim-2", "name": "a name"}

    answer = stack.client().post(path, data=fields)

    assert answer.status_code in (401, 403)
    assert "geheim" not in answer.text


@pytest.mark.parametrize("kept_for", ["https://elsewhere.example/", "//elsewhere.example/", "javascript:alert(1)"])
def test_what_was_kept_is_sent_to_nobody_else(stack: Stack, kept_for: str) -> None:
    person = stack.user()
    browser = browser_of(stack)
    page = browser.get("/sign-in").text
    fields = {"kept": "a=b", "kept_for": kept_for, "csrf_token": token_in(page)}

    answer = browser.post("/sign-in", data=fields | {"email": person.email, "password": PASSWORD})

    assert answer.status_code == 200
    assert 'action="/"' in answer.text
    assert "elsewhere" not in answer.text
    assert "javascript" not in answer.text


def test_a_single_fault_stands_at_its_field_alone(stack: Stack) -> None:
    answer = sent(browser_of(stack), "/sign-in", email="nobody@example.org", password="not a password")

    assert answer.text.count("The address or the password is wrong") == 1
    assert 'id="fault-password"' in answer.text
