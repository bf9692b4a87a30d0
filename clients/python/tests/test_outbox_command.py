"""`bellhop forward`: the outbox of a database, carried over by a process."""

import os
import signal
import subprocess

import pytest

from bellhop_client import JobRequest
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

    assert (done.returncode, done.stdout, done.stderr) == (0, "3 accepted, 0 refused\n", "")
    assert (refused.returncode, refused.stdout) == (1, "0 accepted, 1 refused\n")
    assert "(test.ad) of the outbox was refused: task: there is no task 'test.ad'" in refused.stderr


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
    assert (no_database.returncode, "OperationalError" in no_database.stderr) == (1, True)
    assert "no-such-token" not in stranger.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_runs_until_a_signal(store: OwnDatabase, stack: Stack, number: signal.Signals) -> None:
    env = os.environ | {"BELLHOP_URL": stack.url, "BELLHOP_TOKEN": TOKEN}
    with subprocess.Popen([*COMMAND, store.url], env=env) as forwarder:
        store.write(store.addition(1))
        wait_until(lambda: not store.waiting())

        forwarder.send_signal(number)

        assert forwarder.wait(PATIENCE) == 0
