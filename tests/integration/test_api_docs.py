"""/api/tasks, and the page of the API: what it loads, and whether its quick start is true."""

import html
import inspect
import json
import os
import re
import subprocess
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from bellhop.builtins.http_requests import request
from bellhop_ledger.ledger.tables import State
from tests.problems import ADDITION
from tests.stack import TOKEN, Stack

LOADING = {"src", "href", "srcset", "data", "action", "poster", "formaction"}
OTHERS = {"https://www.standardwebhooks.com"}
"""Pages of others to which a link leads."""


class Page(HTMLParser):
    """What a page refers to, and what it contains."""

    def __init__(self, text: str):
        super().__init__()
        self.addresses: list[str] = []
        self.tags: set[str] = set()
        self.ids: set[str] = set()
        self.inline: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name in LOADING:
                self.addresses.append(value or "")
            if name == "id":
                self.ids.add(value or "")
            if name == "style" or name.startswith("on"):
                self.inline.append(name)


@pytest.fixture
def page(stack: Stack) -> Page:
    return Page(stack.http.get("/api/docs").text)


def tasks(stack: Stack) -> dict[str, Any]:
    return {task["name"]: task for task in stack.http.get("/api/tasks").json()["tasks"]}


def test_every_task_is_listed_with_its_policy(stack: Stack) -> None:
    task = tasks(stack)["files.prune"]

    assert {"files.prune", "test.add", "http.request"} <= tasks(stack).keys()
    assert (task["queue"], task["mode"], task["max_attempts"]) == ("default", "atomic", 5)
    assert task["schedules"] == [{"key": "", "interval_seconds": 60, "crontab": None, "args": {}}]
    assert (task["plugin"], bool(task["release"]), task["last_seen"][-1]) == ("bellhop", True, "Z")
    assert "Safe to repeat" in task["description"]


def test_the_schemas_of_arguments_and_results_are_json_schema(stack: Stack) -> None:
    for task in tasks(stack).values():
        Draft202012Validator.check_schema(task["arguments"])
        Draft202012Validator.check_schema(task["returns"])


def test_arguments_stand_in_the_order_of_the_signature(stack: Stack) -> None:
    names = list(inspect.signature(request.stub).parameters)
    body = {"task": "http.request", "args": {"method": "GET", "url": "https://example.org"}, "delay": 86400}

    job = stack.http.post("/api/jobs", json=body).json()

    assert [*tasks(stack)["http.request"]["arguments"]["properties"]] == names
    assert [*stack.http.get(f"/api/jobs/{job['id']}").json()["args"]] == names


def test_the_schema_of_the_arguments_says_what_is_accepted(stack: Stack) -> None:
    schema = Draft202012Validator(tasks(stack)["test.add"]["arguments"])

    assert schema.is_valid(ADDITION["args"])
    assert not any(schema.is_valid(args) for args in ({"a": 5}, {"a": "5", "b": 7}, {"a": 5, "b": 7, "c": 9}))


def test_the_page_loads_nothing_from_elsewhere(page: Page) -> None:
    elsewhere = {address for address in page.addresses if urlsplit(address).netloc or address.startswith("//")}

    assert page.addresses
    assert elsewhere == OTHERS


def test_the_page_has_no_inline_script_and_no_inline_style(page: Page) -> None:
    assert not page.tags & {"style", "iframe", "object", "embed", "base"}
    assert page.inline == []


def test_all_that_the_page_loads_is_there(stack: Stack, page: Page) -> None:
    paths = {address for address in page.addresses if address.startswith(("/static/", "/api/"))}

    assert {stack.http.get(path).status_code for path in paths} == {200}
    assert any(path.endswith("/js/swagger-ui-bundle.js") for path in paths)


def test_every_link_within_the_page_leads_somewhere(page: Page) -> None:
    targets = {address.removeprefix("#") for address in page.addresses if address.startswith("#")}

    assert targets <= page.ids


def commands(stack: Stack) -> dict[str, str]:
    """The commands of the quick start, by their names."""
    found = re.findall(r'data-command="(\w+)"><code>(.*?)</code>', stack.http.get("/api/docs").text, re.DOTALL)
    return {name: html.unescape(text) for name, text in found}


def answer_of(command: str, **variables: str) -> Any:
    """What a command prints, as JSON."""
    env = {**os.environ, "NO_PROXY": "*", **variables}
    done = subprocess.run(["bash", "-euc", command], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_commands_of_the_quick_start_do_what_it_says(stack: Stack) -> None:
    shown = commands(stack)
    given = {"BELLHOP_URL": stack.url, "BELLHOP_TOKEN": TOKEN}
    submit = shown["submit"].replace("https://example.com", "https://127.0.0.1:9/")  # refused at once, by our own rule

    job, again = answer_of(submit, **given), answer_of(submit, **given)
    stack.http.post(f"/api/jobs/{job['id']}/cancel")
    waited = answer_of(shown["wait"].replace("JOB=<the id of the job>", f"JOB={job['id']}"), **given)
    schedule, called = answer_of(shown["schedule"], **given), answer_of(shown["webhook"], **given)

    assert shown["settings"] == f"export BELLHOP_URL={stack.url} BELLHOP_TOKEN=<your token>"
    assert (job["task"], again["id"], waited["id"]) == ("http.request", job["id"], job["id"])
    assert State(waited["state"]).ended
    assert (schedule["crontab"], schedule["time_zone"]) == ("0 2 * * mon-fri", "Europe/Vienna")
    assert (called["state"], called["args"]["signing_secret"]) == ("scheduled", "***")
    stack.http.delete(f"/api/schedules/{schedule['id']}")
    stack.http.post(f"/api/jobs/{called['id']}/cancel")


def test_the_quick_start_names_the_terminal_states(stack: Stack) -> None:
    text = re.sub("<[^>]+>", "", stack.http.get("/api/docs").text)
    terminal, _, others = text.partition("The terminal states are")[2].partition(":")

    assert {state for state in State if state.value in terminal} == {state for state in State if state.ended}
    assert {state for state in State if state.value in others} >= {state for state in State if not state.ended}


@pytest.mark.parametrize("path", ["/api/docs", "/api/openapi.json", "/nowhere"])
def test_the_content_security_policy_is_strict(stack: Stack, path: str) -> None:
    policy = stack.http.get(path).headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy
