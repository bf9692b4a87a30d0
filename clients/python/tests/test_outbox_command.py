"""`bellhop forward`: the outbox of a database, carried over by a process."""

import json
import os
import signal
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bellhop_client import Client, JobRequest
from bellhop_local.ports import free_port
from tests.own_database import OwnDatabase
from tests.stack import BIN, PATIENCE, TOKEN, Stack, wait_until

COMMAND = [str(BIN / "bellhop"), "forward"]


def run_command(stack: Stack, *argv: str, **env: str) -> subprocess.CompletedProcess[str]:
    given = os.environ | {"BELLHOP_URL": stack.url, "BELLHOP_TOKEN": TOKEN} | env
    return subprocess.run([*COMMAND, *argv], env=given, capture_output=True, text=True, check=False, timeout=60)


def test_the_command_carries_over_what_is_there(store: OwnDatabase, stack: Stack) -> None:
    store.write(*(store.addition(number) for number in range(3)))
    done = run_command(stack, store.url, "--once")
    store.write(JobRequest("test.ad"))
    refused = run_command(stack, store.url, "--once")

    assert (done.returncode, done.stdout, done.stderr) == (0, "3 accepted, 0 refused, 0 postponed\n", "")
    assert (refused.returncode, refused.stdout) == (1, "0 accepted, 1 refused, 0 postponed\n")
    assert "(test.ad) of the outbox was refused: task: there is no task 'test.ad'" in refused.stderr


def test_what_was_set_aside_is_listed_and_released(store: OwnDatabase, stack: Stack) -> None:
    [key] = store.write(JobRequest("test.ad"))
    run_command(stack, store.url, "--once")

    table = run_command(stack, store.url, "--refused", BELLHOP_URL="")
    lines = run_command(stack, store.url, "--refused", "--json", BELLHOP_URL="")
    released = run_command(stack, store.url, "--release", BELLHOP_URL="")

    assert f"{key}  test.ad" in table.stdout
    assert json.loads(lines.stdout)["refusal"].startswith("task: there is no task 'test.ad'")
    assert (released.stdout, store.waiting()) == ("1 released\n", 1)
    assert run_command(stack, store.url, "--refused", "--json").stdout == ""


def test_a_secret_that_is_replaced_in_its_file_is_used_without_a_restart(
    store: OwnDatabase, stack: Stack, bellhop: Client, tmp_path: Path
) -> None:
    token, file = bellhop.tokens.create(store.tag, tasks=["test.*"]), tmp_path / "token"
    file.write_text(token.token)
    env = {name: value for name, value in os.environ.items() if name != "BELLHOP_TOKEN"} | {"BELLHOP_URL": stack.url}
    argv = [*COMMAND, store.url, "--token-file", str(file)]
    with subprocess.Popen(argv, env=env) as forwarder:
        store.write(store.addition(1))
        wait_until(lambda: not store.waiting())

        file.write_text(bellhop.tokens.rotate(token, old_until=datetime.now(UTC)).token)
        store.write(store.addition(2))
        wait_until(lambda: not store.waiting())

        forwarder.terminate()
    [found] = [one for one in bellhop.tokens.list() if one.id == token.id]
    assert found.secrets[0].last_used_at is not None
    assert sorted(store.numbers()) == [1, 2]


@pytest.mark.parametrize(
    ("argv", "complaint"),
    [
        (("sqlite:///x",), "argument DSN: must be the URL of a Postgres database"),
        (("postgresql://me:sesame@host:x/name",), "argument DSN: must be the URL of a Postgres database"),
        (("postgresql://host/name", "--batch", "0"), "argument --batch: must be 1 to 10,000"),
        (("postgresql://host/name", "--poll", "0"), "argument --poll: must be more than 0"),
        ((), "the following arguments are required: DSN"),
    ],
)
def test_a_wrong_argument_is_named(stack: Stack, argv: tuple[str, ...], complaint: str) -> None:
    done = run_command(stack, *argv)

    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"bellhop: {complaint}")
    assert "sesame" not in done.stderr


def test_what_is_wrong_elsewhere_has_its_exit_code(store: OwnDatabase, stack: Stack) -> None:
    store.write(store.addition(1))
    away = run_command(stack, store.url, "--once", BELLHOP_URL=f"http://127.0.0.1:{free_port()}")
    stranger = run_command(stack, store.url, "--once", BELLHOP_TOKEN="no-such-token")
    no_database = run_command(stack, f"postgresql://127.0.0.1:{free_port()}/shop", "--once")

    assert (away.returncode, "cannot be reached" in away.stderr) == (3, True)
    assert (stranger.returncode, "401 Unauthorized" in stranger.stderr) == (4, True)
    assert (no_database.returncode, "OperationalError" in no_database.stderr) == (3, True)
    assert "no-such-token" not in stranger.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_runs_until_a_signal(store: OwnDatabase, stack: Stack, number: signal.Signals) -> None:
    env = os.environ | {"BELLHOP_URL": stack.url, "BELLHOP_TOKEN": TOKEN}
    with subprocess.Popen([*COMMAND, store.url], env=env) as forwarder:
        store.write(store.addition(1))
        wait_until(lambda: not store.waiting())

        forwarder.send_signal(number)

        assert forwarder.wait(PATIENCE) == 0
