"""The manual: the OpenAPI document in a form that people read."""

from typing import Any

import pytest

from docs.site.manual import Manual, kind

SCHEMAS = {
    "Job": {"properties": {"task": {"examples": ["noop"]}, "name": {}}, "type": "object"},
    "Jobs": {"properties": {"jobs": {"type": "array", "items": {"$ref": "#/components/schemas/Job"}}}},
}
OPERATION = {
    "operationId": "submit",
    "tags": ["jobs"],
    "security": [{"token": []}],
    "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Jobs"}}}},
    "responses": {"202": {"description": "Accepted"}, "404": {"$ref": "#/components/responses/NotFound"}},
}


@pytest.fixture
def manual() -> Manual:
    return Manual(
        {
            "info": {},
            "tags": [],
            "paths": {"/jobs": {"post": OPERATION}, "/jobs/{id}": {"get": {"tags": ["other"]}}},
            "components": {"schemas": SCHEMAS, "responses": {"NotFound": {"description": "Not there"}}},
        }
    )


def test_operations_stand_under_their_heading(manual: Manual) -> None:
    assert [(one["method"], one["path"]) for one in manual.operations("jobs")] == [("POST", "/jobs")]


def test_answers_that_stand_elsewhere_are_filled_in(manual: Manual) -> None:
    assert [answer["description"] for _, answer in manual.answers(OPERATION)] == ["Accepted", "Not there"]


def test_a_command_shows_how_to_call_it(manual: Manual) -> None:
    [operation] = manual.operations("jobs")

    command = manual.curl(operation)

    assert '-H "Authorization: Bearer $BELLHOP_TOKEN"' in command
    assert """-d '{"jobs": [{"task": "noop"}]}'""" in command
    assert command.endswith('"$BELLHOP_URL/jobs"')


@pytest.mark.parametrize(
    ("method", "body", "named"),
    [
        ("GET", False, False),
        ("POST", True, False),
        ("POST", False, True),
        ("PATCH", True, True),
        ("DELETE", False, True),
    ],
)
def test_a_command_names_the_method_where_curl_would_use_another(
    manual: Manual, method: str, body: bool, named: bool
) -> None:
    sent = {"requestBody": OPERATION["requestBody"]} if body else {}

    assert (f"-X {method}" in manual.curl({"method": method, "path": "/jobs", **sent})) is named


def test_a_command_sends_a_file_as_what_it_is(manual: Manual) -> None:
    schema = {"type": "string", "format": "binary", "contentMediaType": "text/csv"}
    content = {"application/octet-stream": {"schema": schema}}

    command = manual.curl({"method": "POST", "path": "/imports", "requestBody": {"content": content}})

    assert "-H 'Content-Type: text/csv' \\\n  --data-binary @FILE" in command


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 200, "default": 50}, "integer, ≥ 1, ≤ 200, 50 when not given"),
        ({"type": "string", "format": "uuid"}, "uuid"),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "string or null"),
        ({"type": "array", "items": {"type": "string"}, "maxItems": 9}, "list of string, at most 9 of them"),
        ({"$ref": "#/components/schemas/Job"}, '<a href="#schema-Job">Job</a>'),
        ({"type": "number", "minimum": -62_135_596_800}, "number"),
        ({"const": "a<b"}, "<code>&#34;a&lt;b&#34;</code>"),
        ({}, "anything"),
    ],
)
def test_a_type_is_named(schema: dict[str, Any], words: str) -> None:
    assert str(kind(schema)) == words
