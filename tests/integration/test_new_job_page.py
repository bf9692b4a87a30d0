"""The page of a new job: its fields are those of the task, it obeys the API's rules, and no secret comes back."""

import html
import re
from typing import Any
from uuid import uuid4

import httpx
import pytest

from bellhop_ledger.accounts.roles import Role
from tests.integration.test_pages_forms import browser_of, hidden_in, token_in
from tests.stack import Stack

PAGE = "/jobs/new"


@pytest.fixture
def operator(stack: Stack) -> httpx.Client:
    """A browser in which an operator is signed in."""
    return browser_of(stack, stack.user(Role.OPERATOR))


def opened(browser: httpx.Client, task: str) -> dict[str, str]:
    """What the form of a task sends besides what is typed."""
    page = browser.get(f"{PAGE}?task={task}").text
    return hidden_in(page) | {"csrf_token": token_in(page), "moment": "now"}


def submitted(browser: httpx.Client, task: str, **typed: str) -> httpx.Response:
    return browser.post(PAGE, data=opened(browser, task) | {f"args.{name}": text for name, text in typed.items()})


def job_of(stack: Stack, answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 303, answer.text
    return dict(stack.http.get(f"/api{answer.headers['Location']}").json())


def field_in(page: str, name: str) -> str:
    found = re.search(rf'<input [^>]*value="([^"]*)" name="{re.escape(name)}"', page)
    assert found, name
    return html.unescape(found[1])


def test_tasks_are_found_by_what_they_do(operator: httpx.Client) -> None:
    page = operator.get(f"{PAGE}?q=add+numbers").text

    assert "/jobs/new?task=test.add" in page
    assert "task=http.request" not in page
    assert "No task is found" in operator.get(f"{PAGE}?q=nothing+like+it").text


def test_a_job_is_submitted_with_what_was_typed(stack: Stack, operator: httpx.Client) -> None:
    sent = opened(operator, "test.add") | {
        "args.a": "2",
        "args.b": "3",
        "label": "two and three",
        "tags": "x y",
        "priority": "7",
    }

    job = job_of(stack, operator.post(PAGE, data=sent))

    assert (job["task"], job["args"], job["label"], job["tags"], job["priority"]) == (
        "test.add", {"a": 2, "b": 3}, "two and three", ["x", "y"], 7,
    )  # fmt: skip
    assert stack.ended(job["id"])["result"] == 5


def test_two_clicks_make_one_job(operator: httpx.Client) -> None:
    sent = opened(operator, "test.noop")

    assert operator.post(PAGE, data=sent).headers["Location"] == operator.post(PAGE, data=sent).headers["Location"]


@pytest.mark.parametrize(
    ("typed", "run_at"),
    [
        ({"moment": "at", "run_at": "2090-07-01T09:30", "zone": "Europe/Vienna"}, "2090-07-01T07:30:00Z"),
        ({"moment": "at", "run_at": "2090-07-01T09:30:00Z", "zone": "Europe/Vienna"}, "2090-07-01T09:30:00Z"),
    ],
)
def test_a_date_is_read_in_the_zone_of_the_form(
    stack: Stack, operator: httpx.Client, typed: dict[str, str], run_at: str
) -> None:
    job = job_of(stack, operator.post(PAGE, data=opened(operator, "test.noop") | typed))

    assert (job["state"], job["run_at"]) == ("scheduled", run_at)


def test_a_delay_has_a_unit(stack: Stack, operator: httpx.Client) -> None:
    sent = opened(operator, "test.noop") | {"moment": "after", "delay": "2", "delay_unit": "86400"}

    assert job_of(stack, operator.post(PAGE, data=sent))["state"] == "scheduled"


@pytest.mark.parametrize(
    ("typed", "faults"),
    [
        ({"args.a": "x", "args.b": ""}, ["args.a: must be an integer", "args.b: is required"]),
        ({"args.a": "1", "args.b": "2", "priority": "11"}, ["must be at most 9"]),
        ({"args.a": "1", "args.b": "2", "moment": "at"}, ["is required"]),
        ({"args.a": "1", "args.b": "2", "moment": "at", "run_at": "tomorrow"}, ["must be a date in ISO 8601"]),
        ({"args:json": '{"a": 1, "b": 2, "c": {"d": 3}}'}, ["args.c: is not known here"]),
        ({"args:json": "{", "expires": "soon"}, ["is not JSON", "must be a date in ISO 8601"]),
    ],
)
def test_what_is_wrong_is_named_at_its_field_and_nothing_is_lost(
    operator: httpx.Client, typed: dict[str, str], faults: list[str]
) -> None:
    answer = operator.post(PAGE, data=opened(operator, "test.add") | typed | {"label": "kept <b>"})
    page = html.unescape(re.sub("<[^>]+>", "", answer.text))

    assert answer.status_code == 422
    assert [fault for fault in faults if fault not in page] == []
    assert field_in(answer.text, "label") == "kept <b>"
    kept = "".join(html.unescape(answer.text).split())
    assert [text for text in typed.values() if "".join(text.split()) not in kept] == []
    assert 'aria-invalid="true"' in answer.text


def test_the_other_view_shows_the_same_value(operator: httpx.Client) -> None:
    sent = opened(operator, "test.add") | {"args.a": "2", "args.b": "x", "label": "kept", "args:view": "json"}
    as_json = operator.post(PAGE, data=sent)
    written = re.search(r'<textarea[^>]*name="args:json"[^>]*>(.*?)</textarea>', as_json.text, re.DOTALL)
    assert written
    again = {
        **hidden_in(as_json.text),
        "csrf_token": token_in(as_json.text),
        "args:json": '{"a": 7, "b": 8}',
        "args:view": "fields",
    }
    as_fields = operator.post(PAGE, data=again).text

    assert as_json.status_code == 200
    assert html.unescape(written[1]).split() == ["{", '"a":', "2,", '"b":', '"x"', "}"]
    assert field_in(as_json.text, "label") == "kept"
    assert (field_in(as_fields, "args.a"), field_in(as_fields, "args.b")) == ("7", "8")


def test_json_that_is_none_stays_where_it_can_be_mended(operator: httpx.Client) -> None:
    answer = operator.post(PAGE, data=opened(operator, "test.add") | {"args:json": '{"a": ', "args:view": "fields"})

    assert answer.status_code == 422
    assert "is not JSON" in answer.text
    assert "{&#34;a&#34;: " in answer.text


SECRET = "hush-hush-hush-hush"


def test_secrets_are_stored_and_never_put_back(stack: Stack, operator: httpx.Client) -> None:
    typed = {"url": "https://example.org/", "signing_secret:secret": SECRET, "headers:secret": f"X-Key: {SECRET}"}
    refused = submitted(operator, "http.request", **typed, retries="x")
    job = job_of(stack, submitted(operator, "http.request", **typed))
    again = operator.get(f"{PAGE}?like={job['id']}").text

    assert (refused.status_code, SECRET in refused.text, "https://example.org/" in refused.text) == (422, False, True)
    assert (job["args"]["signing_secret"], job["args"]["headers"]) == ("***", {"X-Key": "***"})
    assert SECRET not in again
    assert field_in(again, "args.url") == "https://example.org/"


def test_a_secret_that_was_not_typed_again_is_asked_for(stack: Stack, operator: httpx.Client) -> None:
    job = stack.submit("http.request", args={"url": "https://example.org/", "headers": {"X-Key": SECRET}})
    page = operator.get(f"{PAGE}?like={job['id']}").text
    sent = hidden_in(page) | {
        "csrf_token": token_in(page),
        "args.url": "https://example.org/",
        "args.headers:secret": "X-Key: ***",
    }

    answer = operator.post(PAGE, data=sent)

    assert answer.status_code == 422
    assert "must be given again" in answer.text


def test_a_job_is_run_again_with_other_arguments(stack: Stack, operator: httpx.Client) -> None:
    first = stack.submit("test.add", args={"a": 1, "b": 2}, label="sum", tags=["t"], priority=3)
    page = operator.get(f"{PAGE}?like={first['id']}").text

    assert (field_in(page, "args.a"), field_in(page, "label"), field_in(page, "priority")) == ("1", "sum", "3")
    assert (field_in(page, "args.b"), field_in(page, "tags")) == ("2", "t")


def test_an_expired_session_keeps_the_fields_and_no_secret(stack: Stack, operator: httpx.Client) -> None:
    sent = opened(operator, "http.request") | {
        "args.url": "https://example.org/kept",
        "args.signing_secret:secret": SECRET,
    }
    sent |= {"args:json": f'{{"url": "kept too", "signing_secret": "{SECRET}"', "args:secrets": "signing_secret"}
    operator.cookies.clear()
    operator.get("/sign-in")  # whose forms have a cookie of their own
    answer = operator.post(PAGE, data=sent | {"csrf_token": token_in(operator.get("/sign-in").text)})

    assert answer.status_code == 401
    assert "example.org/kept" in html.unescape(answer.text)
    assert "kept too" in html.unescape(answer.text)
    assert SECRET not in html.unescape(answer.text)


def test_a_member_submits_what_members_may(stack: Stack) -> None:
    member = browser_of(stack, stack.user(Role.MEMBER))

    assert "test.add" not in member.get(PAGE).text
    assert member.get(f"{PAGE}?task=test.add").status_code == 403


def test_nobody_sees_the_arguments_of_others_here(stack: Stack) -> None:
    job = stack.submit("test.add", args={"a": 4711, "b": 2})
    member = browser_of(stack, stack.user(Role.MEMBER))

    assert member.get(f"{PAGE}?like={job['id']}").status_code == 404
    assert browser_of(stack, stack.user(Role.OPERATOR)).get(f"{PAGE}?like={uuid4()}").status_code == 404


def test_a_task_that_is_not_known_leads_to_the_choice(operator: httpx.Client) -> None:
    assert "There is no task nothing.here" in operator.get(f"{PAGE}?task=nothing.here").text
