"""`bellhop queues` and `bellhop schedules`, on a real system."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.stack import Stack

Command = Callable[..., Any]

LATE = """
    INSERT INTO jobs (id, task, args, queue, priority, max_attempts, run_at, created_at, due_at, state, queued_at,
                      schedule)
    SELECT gen_random_uuid(), 'test.noop', '{}', 'nobody', 5, 3, ago, ago, ago, 'queued', ago, %s
    FROM (SELECT now() - interval '1 hour' AS ago) AS past
"""
"""A job that waits in a queue which nobody serves."""


def test_a_queue_is_paused_seen_as_such_and_resumed(command: Command) -> None:
    paused = command("queues", "pause", "slow", "--reason", "The printer burns", "--until", "1h")
    listed = {one["name"]: one for one in command("queues", "--json").lines}
    table = command("queues").out
    resumed = command("queues", "resume", "slow")

    assert (paused.code, resumed.out) == (0, "resumed slow\n")
    assert listed["slow"]["paused"]["reason"] == "The printer burns"
    assert (listed["slow"]["workers"], listed["default"]["paused"]) == (1, None)
    assert "The printer burns" in table


def test_a_schedule_is_shown_paused_resumed_and_run_by_its_name(command: Command, system: Stack) -> None:
    name = f"nightly {uuid4().hex}"
    system.http.post("/api/schedules", json={"name": name, "task": "test.noop", "crontab": "0 3 * * *"})

    shown = command("schedules", "show", name)
    paused = command("schedules", "pause", name, "--reason", "Holidays", "--json")
    listed = command("schedules", "--state", "paused", "--json")
    resumed = command("schedules", "resume", name)
    run = command("schedules", "run", name)

    assert "test.noop" in shown.out
    assert json.loads(paused.out)["state"] == "paused"
    assert name in {line["name"] for line in listed.lines}
    assert "active" in resumed.out
    assert command("wait", run.out.strip()).code == 0
    assert command("schedules", "show", "no such").err == "bellhop: no schedule has the name 'no such'\n"


def test_a_file_that_makes_too_large_a_request_is_refused_before_it_is_sent(command: Command) -> None:
    long = {"name": "long", "task": "test.noop", "crontab": "0 3 * * *", "note": "x" * 16_000_000}

    done = command("schedules", "import", "-", stdin=json.dumps({"schedules": [long]}))

    assert done.code == 2
    assert "at most 16,000,000 are taken at once" in done.err


def test_what_is_wrong_with_a_schedule_stands_in_the_list(command: Command, system: Stack) -> None:
    own = uuid4().hex
    calm, disabled, failing, late, paused = (made(system, f"{number} {own}") for number in range(5))
    for _ in range(2):
        system.ended(system.http.post(f"/api/schedules/{failing}/run").json()["id"])
    system.sql(
        "UPDATE schedules SET disabled_reason = 'No such task', fire_at = NULL, next_due_at = NULL WHERE id = %s",
        disabled,
    )
    system.sql(LATE, late)
    system.http.post(f"/api/schedules/{paused}/pause", json={"reason": "Holidays"})
    system.http.patch(f"/api/schedules/{calm}", json={"args": {"times": 0}})

    table = command("schedules", "--search", own, "--sort", "trouble").out
    lines = {line["id"]: line["trouble"] for line in command("schedules", "--search", own, "--json").lines}
    system.sql("DELETE FROM jobs WHERE schedule = %s", late)

    rows = [line.partition(own)[2].split("test.fail")[0].split(maxsplit=1) for line in table.splitlines()[1:]]
    assert [(state, " ".join(words.split())) for state, *rest in rows for words in rest or [""]] == [
        ("disabled", "cannot run: No such task"),
        ("active", "last 2 runs failed"),
        ("active", "late"),
        ("paused", "paused: Holidays"),
        ("active", ""),
    ]
    assert [lines[id] for id in (calm, disabled, failing, late, paused)] == [
        None, "failing", "failing", "late", "paused",
    ]  # fmt: skip
    assert "last 2 runs failed\n" in command("schedules", "show", failing).out


def made(system: Stack, name: str) -> str:
    """Store a schedule whose runs fail, and return its id."""
    body = {"name": name, "task": "test.fail", "args": {"times": 1, "permanent": True}, "crontab": "0 3 1 1 *"}
    return str(system.http.post("/api/schedules", json=body).json()["id"])


def test_schedules_are_a_file_that_can_be_stored_again(command: Command, system: Stack, tmp_path: Path) -> None:
    name = f"weekly {uuid4().hex}"
    system.http.post("/api/schedules", json={"name": name, "task": "test.noop", "interval_seconds": 604800})
    exported = command("schedules", "export")
    [own] = [one for one in json.loads(exported.out)["schedules"] if one["name"] == name]
    changed = json.dumps({"schedules": [own | {"interval_seconds": 86400}]})

    same = command("schedules", "import", "-", stdin=exported.out)
    other = command("schedules", "import", "-", stdin=changed)
    wrong = command("schedules", "import", "-", stdin=json.dumps({"schedules": [own | {"task": "no.such"}]}))

    assert same.out.startswith("0 created, 0 changed, 0 deleted, ")
    assert other.out == "0 created, 1 changed, 0 deleted, 0 unchanged\n"
    assert wrong.code == 2
    assert wrong.err.startswith(f'bellhop: nothing was stored:\nschedule "{name}": task: ')


def test_schedules_are_a_file_in_yaml_too(command: Command, system: Stack, tmp_path: Path) -> None:
    name, file = f"monthly {uuid4().hex}", tmp_path / "schedules.yml"
    system.http.post("/api/schedules", json={"name": name, "task": "test.noop", "crontab": "0 6 1 * *"})
    file.write_text(command("schedules", "export", "--format", "yaml").out)

    same = command("schedules", "import", str(file))
    file.write_text(
        f"schedules:\n- name: new {name}\n  task: test.noop\n  crontab: 0 6 1 * *\n- name: {name}\n  task: no\n"
    )
    wrong = command("schedules", "import", str(file))
    piped = command("schedules", "import", "-", "--format", "yaml", stdin="schedules: []\n")

    assert "  crontab: 0 6 1 * *\n" in command("schedules", "export", "--format", "yaml").out
    assert same.out.startswith("0 created, 0 changed, 0 deleted, ")
    assert (wrong.code, wrong.out) == (2, "")
    assert f'line 6, schedule "{name}": task: there is no task' in wrong.err
    assert piped.out == "0 created, 0 changed, 0 deleted, 0 unchanged\n"
    assert list(command("schedules", "list", "--search", f"new {name}", "--json").lines) == []


def test_without_pyyaml_the_extra_is_named_and_json_is_read(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    monkeypatch.delitem(sys.modules, "bellhop_client.command.schedules.yaml_text", raising=False)

    export = command("schedules", "export", "--format", "yaml")
    imported = command("schedules", "import", "-", stdin='{"schedules": []}')

    needed = "bellhop: YAML needs PyYAML, which is not installed: pip install 'bellhop-client[yaml]'\n"
    assert (export.code, export.out, export.err) == (2, "", needed)
    assert imported.code == 0
