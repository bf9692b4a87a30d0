"""Schedules as YAML: out, in again, and not half of it."""

import os
import subprocess
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml  # type: ignore[import-untyped]

from tests.stack import BIN, TOKEN, Stack


def bellhop_local(stack: Stack, verb: str, text: str = "") -> subprocess.CompletedProcess[str]:
    env = os.environ | {"BELLHOP_URL": f"http://127.0.0.1:{stack.port}", "ADMIN_TOKEN": TOKEN}
    env["LOCAL_DIR"] = str(stack.directory / "local")
    command = [str(BIN / "bellhop-local"), f"schedules-{verb}"]
    return subprocess.run(command, env=env, input=text, capture_output=True, text=True, check=False)


def file_of(*schedules: dict[str, Any]) -> str:
    values = {"task": "test.listed", "args": {"what": "imported"}, "crontab": "0 2 * * *", "time_zone": "Europe/Vienna"}
    named = [{"name": schedule["name"], **values, **schedule} for schedule in schedules]
    return str(yaml.safe_dump({"schedules": named}, sort_keys=False))


def exported(stack: Stack, prefix: str) -> list[dict[str, Any]]:
    done = bellhop_local(stack, "export")
    assert done.returncode == 0, done.stderr
    return [one for one in yaml.safe_load(done.stdout)["schedules"] if one["name"].startswith(prefix)]


def test_what_is_imported_is_exported_and_a_second_import_changes_nothing(stack: Stack) -> None:
    prefix = uuid4().hex
    text = file_of(
        {"name": f"{prefix} daily", "overlap": "skip", "note": "größer"},
        {"name": f"{prefix} often", "crontab": None, "interval_seconds": 90, "anchor": "2030-01-01T00:00:00Z"},
    )

    first = bellhop_local(stack, "import", text)
    out = exported(stack, prefix)
    second = bellhop_local(stack, "import", yaml.safe_dump({"schedules": out}))

    assert (first.stdout, second.stdout) == (
        "2 created, 0 changed, 0 unchanged\n",
        "0 created, 0 changed, 2 unchanged\n",
    )
    wanted = [{k: v for k, v in one.items() if v is not None} for one in yaml.safe_load(text)["schedules"]]
    assert out == wanted


def test_an_import_changes_what_differs(stack: Stack) -> None:
    name = uuid4().hex
    bellhop_local(stack, "import", file_of({"name": name}))

    done = bellhop_local(stack, "import", file_of({"name": name, "crontab": "0 3 * * *"}))

    assert done.stdout == "0 created, 1 changed, 0 unchanged\n"
    assert exported(stack, name)[0]["crontab"] == "0 3 * * *"


def test_a_file_with_a_mistake_is_refused_whole_with_the_line_the_schedule_and_the_field(stack: Stack) -> None:
    prefix = uuid4().hex
    text = file_of({"name": f"{prefix} good"}, {"name": f"{prefix} bad", "crontab": "0 25 * * *"})

    done = bellhop_local(stack, "import", text)

    line = 1 + text[: text.index(f"{prefix} bad")].count("\n")
    assert done.returncode == 1
    assert f"line {line}, schedule '{prefix} bad': crontab: hour: 25 is not" in done.stderr
    assert exported(stack, prefix) == []


def test_schedules_that_the_code_declares_are_neither_exported_nor_imported(stack: Stack) -> None:
    assert exported(stack, "timer.tick") == []

    done = bellhop_local(stack, "import", file_of({"name": "timer.tick"}))

    assert "declared in code" in done.stderr


def test_what_is_not_yaml_is_refused(stack: Stack, tmp_path: Path) -> None:
    assert "this is not YAML" in bellhop_local(stack, "import", "{").stderr
    assert "must have a list under `schedules`" in bellhop_local(stack, "import", "schedules: 5").stderr
