"""Secrets of http.request in schedules: shown as *** everywhere, and *** given back keeps what is stored."""

from typing import Any
from uuid import uuid4

import pytest
import yaml  # type: ignore[import-untyped]

from tests.integration.test_schedules_yaml import bellhop_local, exported
from tests.problems import fields_of
from tests.stack import Stack

SECRETS = ("open-sesame-4711", "signing-sesame-4711")
MASKED = {"url": "https://example.org/", "headers": {"X-Key": "***"}, "signing_secret": "***"}


@pytest.fixture
def schedule(stack: Stack) -> dict[str, Any]:
    """One that calls a URL with secrets, once a day."""
    args = {"url": MASKED["url"], "headers": {"X-Key": SECRETS[0]}, "signing_secret": SECRETS[1]}
    body = {"name": f"call {uuid4().hex}", "task": "http.request", "args": args, "crontab": "@daily"}
    answer = stack.http.post("/api/schedules", json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def stored(stack: Stack, schedule: dict[str, Any]) -> dict[str, Any]:
    """The arguments as they stand in the database."""
    [(args,)] = stack.sql("SELECT args FROM schedules WHERE id = %s", schedule["id"])
    return dict(args)


def patched(stack: Stack, schedule: dict[str, Any], **args: Any) -> Any:
    return stack.http.patch(f"/api/schedules/{schedule['id']}", json={"args": MASKED | args})


def test_every_answer_about_a_schedule_masks_its_secrets(stack: Stack, schedule: dict[str, Any]) -> None:
    patched(stack, schedule, headers={"X-Key": "another-sesame-4711"})
    stack.http.post(f"/api/schedules/{schedule['id']}/pause", json={"reason": "Rest"})
    pages = [f"/api/schedules/{schedule['id']}{more}" for more in ("", "/changes", "/history", "/preview")]
    pages.append(f"/api/schedules?search={schedule['name']}")

    told = "\n".join(stack.http.get(page).text for page in pages) + str(schedule)

    assert schedule["args"].items() >= MASKED.items()
    assert told.count("***") >= 4
    assert not [word for word in ("sesame", "sealed:") if word in told]


def test_the_record_of_changes_holds_no_secret_even_encrypted(stack: Stack, schedule: dict[str, Any]) -> None:
    patched(stack, schedule, headers={"X-Key": "another-sesame-4711"})

    rows = stack.sql("SELECT changes::text FROM schedule_changes WHERE schedule_id = %s", schedule["id"])

    assert len(rows) == 2
    assert not [word for word in ("sesame", "sealed:") for (text,) in rows if word in text]


def test_a_masked_secret_that_is_given_back_keeps_the_stored_one(stack: Stack, schedule: dict[str, Any]) -> None:
    before = stored(stack, schedule)

    answer = patched(stack, schedule, url="https://example.org/other")

    after = stored(stack, schedule)
    assert (answer.status_code, after["url"]) == (200, "https://example.org/other")
    assert [after[name] for name in ("headers", "signing_secret")] == [before["headers"], before["signing_secret"]]


def test_a_masked_secret_is_not_taken_along_to_another_host(stack: Stack, schedule: dict[str, Any]) -> None:
    answer = patched(stack, schedule, url="https://example.com/")

    assert sorted(fields_of(answer, 422)) == ["args.headers", "args.signing_secret"]
    assert stored(stack, schedule)["url"] == MASKED["url"]


def test_an_export_masks_secrets_and_its_import_keeps_them(stack: Stack, schedule: dict[str, Any]) -> None:
    before = stored(stack, schedule)
    [one] = exported(stack, schedule["name"])

    done = bellhop_local(stack, "import", yaml.safe_dump({"schedules": [one | {"note": "edited in the file"}]}))

    assert one["args"].items() >= MASKED.items()
    assert done.stdout == "0 created, 1 changed, 0 deleted, 0 unchanged\n", done.stderr
    assert stored(stack, schedule) == before


def test_a_masked_secret_of_a_schedule_that_is_not_stored_is_refused(stack: Stack, schedule: dict[str, Any]) -> None:
    [one] = exported(stack, schedule["name"])

    done = bellhop_local(stack, "import", yaml.safe_dump({"schedules": [one | {"name": f"copy {uuid4().hex}"}]}))

    assert done.returncode == 2
    assert "args.headers" in done.stderr
    assert "must be given again" in done.stderr
