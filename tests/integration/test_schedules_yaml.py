"""Schedules as YAML: out, in again, and not half of it."""

import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import yaml  # type: ignore[import-untyped]

from bellhop_local.state import only_one, publish
from tests.site import Says, Site
from tests.stack import BIN, TOKEN, Stack


def bellhop_local(stack: Stack, verb: str, text: str | bytes = "", **given: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | {"BELLHOP_URL": f"http://127.0.0.1:{stack.port}", "ADMIN_TOKEN": TOKEN}
    env |= {"LOCAL_DIR": str(stack.directory / "local")} | given
    command = [str(BIN / "bellhop-local"), f"schedules-{verb}"]
    data = text.encode() if isinstance(text, str) else text
    done = subprocess.run(command, env=env, input=data, capture_output=True, check=False)
    return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())


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
        "2 created, 0 changed, 0 deleted, 0 unchanged\n",
        "0 created, 0 changed, 0 deleted, 2 unchanged\n",
    )
    wanted = [{k: v for k, v in one.items() if v is not None} for one in yaml.safe_load(text)["schedules"]]
    assert out == wanted


def test_an_import_changes_what_differs(stack: Stack) -> None:
    name = uuid4().hex
    bellhop_local(stack, "import", file_of({"name": name}))

    done = bellhop_local(stack, "import", file_of({"name": name, "crontab": "0 3 * * *"}))

    assert done.stdout == "0 created, 1 changed, 0 deleted, 0 unchanged\n"
    assert exported(stack, name)[0]["crontab"] == "0 3 * * *"


def test_a_file_with_a_mistake_is_refused_whole_with_the_line_the_schedule_and_the_field(stack: Stack) -> None:
    prefix = uuid4().hex
    text = file_of({"name": f"{prefix} good"}, {"name": f"{prefix} bad", "crontab": "0 25 * * *"})

    done = bellhop_local(stack, "import", text)

    line = 1 + text[: text.index("0 25 * * *")].count("\n")
    assert done.returncode == 2
    assert f'line {line}, schedule "{prefix} bad": crontab: hour: 25 is not' in done.stderr
    assert exported(stack, prefix) == []


def test_schedules_that_the_code_declares_are_neither_exported_nor_imported(stack: Stack) -> None:
    assert exported(stack, "files.prune") == []

    done = bellhop_local(stack, "import", file_of({"name": "files.prune"}))

    assert "declared in code" in done.stderr


def test_what_is_not_yaml_is_refused(stack: Stack, tmp_path: Path) -> None:
    assert "this is not YAML" in bellhop_local(stack, "import", "{").stderr


@pytest.mark.parametrize(
    "text",
    [
        "",
        "schedules: 5",
        "schedules:",
        "schedules: {a: {}}",
        "- name: a",
        "5",
        "text",
        "other: []",
        "[schedules]",
        "null",
    ],
)
def test_a_file_that_is_no_list_of_schedules_is_refused(stack: Stack, text: str) -> None:
    done = bellhop_local(stack, "import", text)

    assert (done.returncode, done.stderr) == (2, "bellhop: the file must have a list under `schedules`\n")


@pytest.mark.parametrize("item", ["5", "text", "null", "[a]", "{}", "{name: 5}", "{name: a, task: [b]}"])
def test_an_item_that_is_no_schedule_is_refused_with_its_line(stack: Stack, item: str) -> None:
    done = bellhop_local(stack, "import", f"# schedules\nschedules:\n  - {item}\n")

    assert done.returncode == 2
    assert "nothing was stored:\nline 3, schedule " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_list_that_holds_itself_is_refused_and_so_is_a_number_that_readers_disagree_about(stack: Stack) -> None:
    done = bellhop_local(stack, "import", "schedules: &x\n- *x\n- interval_seconds: 0600\n- args: {zip: 01234}\n")

    assert done.stderr.splitlines() == [
        "bellhop: nothing was sent:",
        "line 1: an alias stands within what it stands for",
        "line 3: 0600 is a number to some and text to others: quote it, or write it out",
        "line 4: 01234 is a number to some and text to others: quote it, or write it out",
    ]


def test_all_that_is_wrong_with_a_file_is_named_at_once(stack: Stack) -> None:
    wrong = [
        {"name": "unknown key", "color": "red", "crontab": "0 25 * * *"},
        {"name": "unknown task", "task": "test.listen", "crontab": "0 0 31 2 *"},
        {"name": "no date", "crontab": None, "once_at": "noon", "time_zone": "Mars/Olympus", "args": {"what": 5}},
        {"name": "two ways", "interval_seconds": 60, "starts_at": "2037-03-29 02:30", "ceiling": 0},
    ]

    done = bellhop_local(stack, "import", file_of(*wrong))
    unknown = bellhop_local(stack, "import", f"color: red\n{file_of(*wrong)}")

    assert unknown.stderr == "bellhop: nothing was sent:\ncolor: is not known here\n"
    told = [line.partition("schedule ")[2] for line in done.stderr.splitlines()[1:]]
    for start in (
        '"unknown key": color: is not known here',
        '"unknown key": crontab: hour: 25 is not',
        '"unknown task": task: there is no task',
        '"unknown task": crontab: day of month: 31 never comes',
        '"no date": once_at: must be a date',
        '"no date": args.what: must be text',
        "\"no date\": time_zone: 'Mars/Olympus' is not a time zone",
        '"two ways": ceiling: ',
        '"two ways": crontab: give one of',
        '"two ways": starts_at: 02:30 on 2037-03-29',
    ):
        assert any(line.startswith(start) for line in told), (start, told)


def test_too_many_schedules_are_refused_before_they_are_sent(stack: Stack) -> None:
    many = bellhop_local(stack, "import", "schedules:\n" + "- {}\n" * 10_001)

    assert "the file has 10,001 schedules, and at most 10,000" in many.stderr


@pytest.mark.parametrize(("encoding", "kept"), [("utf-8-sig", True), ("utf-16", True), ("latin-1", False)])
def test_a_file_is_read_in_the_encodings_of_unicode(stack: Stack, encoding: str, kept: bool) -> None:
    name = f"größer {uuid4().hex}"

    done = bellhop_local(stack, "import", file_of({"name": name}).replace("\\xF6", "ö").encode(encoding))

    assert (done.returncode == 0) is kept, done.stderr
    assert kept or "the file is not UTF-8" in done.stderr


def test_without_a_stack_in_its_directory_a_command_calls_nobody(stack: Stack, tmp_path: Path) -> None:
    for verb in ("export", "import"):
        done = bellhop_local(
            stack, verb, "schedules: []", BELLHOP_URL="", LOCAL_DIR=str(tmp_path), WEB_PORT=str(stack.port)
        )
        assert done.returncode == 1
        assert f"no local stack runs in {tmp_path}: start one with `make local`, or set BELLHOP_URL" in done.stderr


def test_the_stack_of_its_directory_is_called_with_its_token(stack: Stack, tmp_path: Path) -> None:
    with only_one(tmp_path):
        publish(tmp_path, {"BELLHOP_URL": stack.url, "ADMIN_TOKEN": TOKEN})
        done = bellhop_local(stack, "export", BELLHOP_URL="", ADMIN_TOKEN="", LOCAL_DIR=str(tmp_path), WEB_PORT="1")

    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture
def silent() -> Iterator[str]:
    """A server that hears everything and hangs up without an answer."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    connection.recv(65_536)
                    connection.close()

        threading.Thread(target=serve, daemon=True).start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)


def test_an_import_without_an_answer_says_that_its_outcome_is_unknown(stack: Stack, silent: str) -> None:
    done = bellhop_local(stack, "import", file_of({"name": "perhaps"}), BELLHOP_URL=silent)

    assert done.returncode == 3
    assert "Whether the schedules were stored is not known: send the same file again" in done.stderr
    assert "start a stack" not in done.stderr


def test_an_answer_that_is_no_json_is_told(stack: Stack, site: Site) -> None:
    site.answers["/api/schedules/import"] = Says(502, b"<html>Bad gateway")

    done = bellhop_local(stack, "import", "schedules: []", BELLHOP_URL=site.url("").rstrip("/"))

    assert "502 Bad Gateway" in done.stderr
    assert "Traceback" not in done.stderr
