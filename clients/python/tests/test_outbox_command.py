"""The command that forwards an outbox."""

import os
import signal
import subprocess
import sys

import pytest

from bellhop_client import JobRequest
from bellhop_local.ports import free_port
from tests.own_database import OwnDatabase
from tests.stack import PATIENCE, TOKEN, Stack, wait_until

COMMAND = [sys.executable, "-m", "bellhop_client.outbox"]


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


def test_the_command_says_what_is_wrong(store: OwnDatabase, stack: Stack) -> None:
    wrong_setting = run_command(stack, store.url, BELLHOP_URL="")
    wrong_argument = run_command(stack, "sqlite:///x")
    store.write(store.addition(1))
    away = run_command(stack, store.url, "--once", BELLHOP_URL=f"http://127.0.0.1:{free_port()}")
    stranger = run_command(stack, store.url, "--once", BELLHOP_TOKEN="no-such-token")

    assert (wrong_setting.returncode, "BELLHOP_URL: must be http://" in wrong_setting.stderr) == (2, True)
    assert (wrong_argument.returncode, "DSN: must be the URL of a Postgres" in wrong_argument.stderr) == (2, True)
    assert (away.returncode, away.stderr.startswith("Unreachable: POST http://127.0.0.1:")) == (1, True)
    assert (stranger.returncode, stranger.stderr.startswith("Unauthorized: 401 ")) == (1, True)
    assert "no-such-token" not in stranger.stderr


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_command_runs_until_a_signal(store: OwnDatabase, stack: Stack, number: signal.Signals) -> None:
    env = os.environ | {"BELLHOP_URL": stack.url, "BELLHOP_TOKEN": TOKEN}
    with subprocess.Popen([*COMMAND, store.url], env=env) as forwarder:
        store.write(store.addition(1))
        wait_until(lambda: not store.waiting())

        forwarder.send_signal(number)

        assert forwarder.wait(PATIENCE) == 0
