"""The OpenAPI document is valid, complete and true."""

import os
import random
import re
import subprocess
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from openapi_spec_validator import validate

from bellhop_ledger.accounts.roles import INCLUDED, Role
from tests.openapi_tasks import with_tasks
from tests.operation_names import OPERATIONS
from tests.problems import fields_of
from tests.samples import all_samples
from tests.stack import BIN, ROOT, Stack

PUBLIC_OF_ACCOUNTS = {"sign_up", "activate", "sign_in", "ask_for_password_reset", "reset_password"} | {
    "accept_invitation",
    "confirm_address",
}
PHASES = "examples,fuzzing,stateful"
ALL_PHASES = f"{PHASES},coverage"
"""The last one tries 7,600 requests."""
NIGHTLY: dict[str, Any] = {"name": "nightly", "task": "files.prune", "crontab": "@daily"}
OFTEN: dict[str, Any] = {"name": "often", "task": "files.prune", "interval_seconds": 60}
CALL: dict[str, Any] = {"task": "http.request"}
URL: dict[str, Any] = {"url": "https://example.org/"}
ROLES = ("operator", "user", "stranger")
NOBODY = "0197e3a4-5c1e-7b52-9d7f-3f0a51f7c3aa"
"""The id of nothing there is."""


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A system as it is delivered, of which only the API runs."""
    made = Stack(tmp_path_factory.mktemp("openapi"), BELLHOP_PLUGINS="")
    try:
        yield made.start("web")
    finally:
        made.stop()


@pytest.fixture(scope="module")
def document(web: Stack) -> dict[str, Any]:
    return dict(web.http.get("/api/openapi.json").json())


@pytest.mark.long
@pytest.mark.timeout(900)  # it grows with the API, and a busy machine has little time for it
def test_the_api_does_what_the_document_says(web: Stack, tmp_path: Path) -> None:
    conforms(web, tmp_path, "operator", PHASES, examples=5, seed=1)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("role", ROLES)
def test_the_api_does_what_the_document_says_in_many_cases(web: Stack, tmp_path: Path, role: str) -> None:
    conforms(web, tmp_path, role, ALL_PHASES, examples=60, seed=random.randrange(10**9))


def conforms(web: Stack, directory: Path, role: str, phases: str, *, examples: int, seed: int) -> None:
    """Run schemathesis on all operations as somebody, with all of its checks."""
    command = [str(BIN / "schemathesis"), "run", f"http://127.0.0.1:{web.port}/api/openapi.json", "--checks", "all"]
    command += ["--phases", phases, "--max-examples", str(examples), "--seed", str(seed)]
    command += ["--continue-on-failure", "--request-timeout", "60", "--suppress-health-check", "too_slow"]
    if role != "stranger":
        command += ["--header", f"Authorization: {web.user(role).http.headers['Authorization']}"]
    env = os.environ | {"SCHEMATHESIS_HOOKS": "tests.openapi_hooks", "PYTHONPATH": str(ROOT)}

    done = subprocess.run(command, env=env, cwd=directory, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert " 500 " not in web.log("web")


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {operation["operationId"]: operation for item in document["paths"].values() for operation in item.values()}


def test_the_document_is_valid_and_of_a_version_that_speaks_json_schema(document: dict[str, Any]) -> None:
    validate(document)

    assert document["openapi"].startswith("3.1.")


def test_every_operation_parameter_and_tag_is_described(document: dict[str, Any]) -> None:
    described = [*operations(document).values(), *document["tags"]]
    described += [one for operation in operations(document).values() for one in operation.get("parameters", [])]

    assert all(thing["description"] for thing in described)
    assert document["info"]["description"]


def test_operations_have_names_that_a_client_would_give_them(document: dict[str, Any]) -> None:
    assert set(operations(document)) == OPERATIONS | set(chain.from_iterable(one.operations for one in all_samples()))


def test_all_but_what_is_named_here_wants_a_token(document: dict[str, Any]) -> None:
    open_to_all = {name for name, operation in operations(document).items() if not operation.get("security")}

    assert open_to_all == PUBLIC_OF_ACCOUNTS | {
        "complete_attempt",  # its token is in the path
        "live",
        "ready",
        *chain.from_iterable(one.public for one in all_samples()),
    }
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"


def test_each_operation_says_whom_it_is_for(document: dict[str, Any]) -> None:
    named = operations(document)

    assert named["show_account"]["security"] == [{"token": []}, {"session": []}]
    assert named["submit_job"]["security"] == [{"token": ["member"]}, {"session": ["member"]}]
    assert "Needs the role `member`. A token needs the scope `write`." in named["submit_job"]["description"]
    assert "Needs the role `viewer`." in named["list_schedules"]["description"]
    assert "Needs the role `admin`." in named["list_system_tokens"]["description"]
    assert "For everybody who is signed in." in named["show_job"]["description"]


@pytest.mark.parametrize("role", Role)
def test_each_operation_needs_the_role_that_it_states_and_a_403_names_it(
    web: Stack, document: dict[str, Any], role: Role
) -> None:
    stated = {name: one.get("x-required-role") for name, one in operations(document).items()}
    found = dict(refusals(web.user(role).http, document))

    answered = {name: refusal.get("required_role") for name, refusal in found.items()}
    assert answered == {name: None if needed in {*INCLUDED[role], None} else needed for name, needed in stated.items()}
    assert {refusal.get("role", role) for refusal in found.values()} == {role}


def test_each_operation_needs_the_scope_that_it_states_and_a_403_names_it(web: Stack, document: dict[str, Any]) -> None:
    operator = web.user("operator")
    web.sql("UPDATE tokens SET scope = 'read' WHERE user_id = %s", str(operator.id))

    stated = {name: one.get("x-required-scope") for name, one in operations(document).items() if one["security"]}
    answered = {name: refusal.get("required_scope", "read") for name, refusal in refusals(operator.http, document)}

    assert {name: answered[name] for name in stated} == stated


def refusals(client: httpx.Client, document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Ask for each operation with nothing in it; yield its name and, where the answer is 403, the problem."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            answer = client.request(method, re.sub(r"{\w+}", NOBODY, path))
            yield operation["operationId"], answer.json() if answer.status_code == 403 else {}


def test_every_error_is_documented_as_a_problem(document: dict[str, Any]) -> None:
    answers = document["components"]["responses"].values()

    assert all(list(answer["content"]) == ["application/problem+json"] for answer in answers)
    assert all(
        {"401", "422", "503"} <= set(one["responses"]) for one in operations(document).values() if one["security"]
    )


def test_run_at_is_a_date_or_a_number(document: dict[str, Any]) -> None:
    run_at = document["components"]["schemas"]["JobRequest"]["properties"]["run_at"]

    assert [option.get("format") or option["type"] for option in run_at["anyOf"]] == ["date-time", "number", "null"]


def test_the_arguments_of_each_task_stand_in_the_document(document: dict[str, Any]) -> None:
    components = document["components"]

    named = components["schemas"]["JobRequest"]["x-tasks"]

    assert {task for task in named if not task.startswith("test.")} == {
        "accounts.tidy",
        "http.request",
        "mail.send",
        "files.prune",
        "jobs.export",
        "notifications.send",
        *chain.from_iterable(one.tasks for one in all_samples()),
    }
    assert named["http.request"] == "#/components/x-schemas/JobRequest.http.request"
    assert components["x-schemas"]["JobRequest.http.request"]["properties"]["args"]["required"] == ["url"]


def test_a_request_is_one_class_for_all_tasks(document: dict[str, Any]) -> None:
    request = document["components"]["schemas"]["JobRequest"]

    assert request["properties"]["args"]["type"] == "object"
    assert not request.keys() & {"oneOf", "anyOf", "allOf", "discriminator"}
    assert not [name for name in document["components"]["schemas"] if "." in name]


def test_the_document_says_where_the_api_is(web: Stack, document: dict[str, Any]) -> None:
    assert document["servers"] == [{"url": web.url}]


def test_every_example_of_a_request_is_accepted(web: Stack, document: dict[str, Any]) -> None:
    operator = web.user("operator").http
    for path, item in document["paths"].items():
        content = item.get("post", {}).get("requestBody", {}).get("content", {}).get("application/json", {})
        for example in content.get("examples", {}).values() if "{" not in path else ():
            answer = operator.post(path, json=example["value"])
            assert answer.status_code in {200, 201, 202, 409}, answer.text  # 409: another test was first with the name


def test_every_example_of_an_answer_fits_its_schema(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for name, schema in schemas.items():
        for example in schema.get("examples", []):
            referring = {"$ref": f"#/components/schemas/{name}", "components": {"schemas": schemas}}
            Draft202012Validator(referring).validate(example)


def test_nothing_of_the_library_shines_through(web: Stack, document: dict[str, Any]) -> None:
    text = str(document)

    assert "ValidationErrorModel" not in text
    assert "<br/>" not in text
    assert "'title': 'Run At'" not in text
    assert web.http.get("/openapi/openapi.json").status_code == 404


@pytest.mark.parametrize(
    ("schema", "allowed", "refused"),
    [
        ("JobRequest", {"task": "files.prune"}, {"task": ""}),
        ("JobRequest", {"task": "files.prune", "delay": 5}, {"task": "files.prune", "delay": 5, "run_at": 1e9}),
        ("NewSchedule", NIGHTLY, NIGHTLY | {"task": ""}),
        ("NewSchedule", NIGHTLY | {"task": "http.request", "args": URL}, NIGHTLY | {"args": 5}),
        ("NewSchedule", NIGHTLY, NIGHTLY | {"task": "http.request", "args": {}}),
        ("NewSchedule", NIGHTLY | {"interval_seconds": None}, NIGHTLY | {"interval_seconds": 60}),
        ("NewSchedule", NIGHTLY | {"anchor": None}, NIGHTLY | {"anchor": 0}),
        ("NewSchedule", OFTEN | {"anchor": 0}, NIGHTLY | {"crontab": None}),
        ("PreviewRequest", {"once_at": 4e9}, {"once_at": 4e9, "crontab": "@daily"}),
        ("ScheduleChanges", {"crontab": "@daily"}, {"crontab": "@daily", "interval_seconds": 60, "once_at": 4e9}),
        ("ScheduleChanges", {"task": "files.prune", "args": {}}, {"task": "mail.send", "args": {}}),
        ("ScheduleChanges", {}, {"task": ""}),
        ("JobRequest", CALL | {"args": {"url": "http://[::1]/"}}, CALL | {"args": {"url": "http://[0]"}}),
        ("JobRequest", CALL | {"args": {"url": "HTTP://a.example"}}, CALL | {"args": {"url": "http://u:p@a.example"}}),
        ("JobRequest", CALL | {"args": URL | {"body": {"a": [1]}}}, CALL | {"args": URL | {"body": {"a": ["\0"]}}}),
        *chain.from_iterable(one.rules for one in all_samples()),
    ],
)
def test_rules_that_a_schema_can_state_stand_in_it(
    document: dict[str, Any], schema: str, allowed: dict[str, Any], refused: dict[str, Any]
) -> None:
    components = document["components"] | {"schemas": with_tasks(document)}
    referring = {"$ref": f"#/components/schemas/{schema}", "components": components}
    validator = Draft202012Validator(referring)

    assert [error.message for error in validator.iter_errors(allowed)] == []
    assert not validator.is_valid(refused)


@pytest.mark.parametrize("cursor", ["0", "x", "", "a.b", ".", "a b"])
def test_a_cursor_that_is_none_does_not_fit_its_schema(document: dict[str, Any], cursor: str) -> None:
    lists = [one for one in operations(document).values() if one["operationId"].startswith("list_")]
    given = [parameter for one in lists for parameter in one.get("parameters", [])]
    cursors = [parameter["schema"] for parameter in given if parameter["name"] == "cursor"]

    assert len(cursors) > 5
    assert not any(Draft202012Validator(schema).is_valid(cursor) for schema in cursors)


def test_text_with_nul_is_refused_in_every_query(web: Stack, document: dict[str, Any]) -> None:
    operator = web.user("operator").http
    for path, item in document["paths"].items():
        for parameter in item.get("get", {}).get("parameters", []):
            if parameter["in"] == "query" and "{" not in path:
                answer = operator.get(path, params={parameter["name"]: "a\0b"})
                assert fields_of(answer) == [parameter["name"]], path
