"""/api/tasks, and the description of the API for people."""

import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from tests.problems import ADDITION
from tests.stack import Stack

LOADING = {"src", "href", "srcset", "data", "action", "poster", "formaction"}


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


def test_the_schema_of_the_arguments_says_what_is_accepted(stack: Stack) -> None:
    schema = Draft202012Validator(tasks(stack)["test.add"]["arguments"])

    assert schema.is_valid(ADDITION["args"])
    assert not any(schema.is_valid(args) for args in ({"a": 5}, {"a": "5", "b": 7}, {"a": 5, "b": 7, "c": 9}))


def test_the_page_loads_nothing_from_elsewhere(page: Page) -> None:
    elsewhere = [address for address in page.addresses if urlsplit(address).netloc or address.startswith("//")]

    assert page.addresses
    assert elsewhere == []


def test_the_page_needs_no_script_and_no_inline_style(page: Page) -> None:
    assert not page.tags & {"script", "style", "iframe", "object", "embed", "base"}
    assert page.inline == []


def test_all_that_the_page_loads_is_there(stack: Stack, page: Page) -> None:
    paths = {address for address in page.addresses if address.startswith("/")}

    assert {stack.http.get(path).status_code for path in paths} == {200}


def test_every_link_within_the_page_leads_somewhere(page: Page) -> None:
    targets = {address.removeprefix("#") for address in page.addresses if address.startswith("#")}

    assert targets <= page.ids


def test_the_page_shows_every_operation_of_the_document(stack: Stack, page: Page) -> None:
    paths = stack.http.get("/api/openapi.json").json()["paths"]

    assert {operation["operationId"] for item in paths.values() for operation in item.values()} <= page.ids


def test_the_style_sheet_loads_nothing_either(stack: Stack) -> None:
    assert not re.search(r"url\(|@import|http", stack.http.get("/static/docs.css").text)


@pytest.mark.parametrize("path", ["/api/docs", "/api/openapi.json", "/nowhere"])
def test_the_content_security_policy_is_strict(stack: Stack, path: str) -> None:
    policy = stack.http.get(path).headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "*" not in policy
