"""Every command that ends abnormally has an exit code by which a supervisor starts it again."""

import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.stack import BIN, ROOT, Stack, wait_until

SETTINGS = {
    "APP_ENV": "test",
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "SECRET_KEY": "dev-only-secret-key",
    "PRICES_FEED_URL": "feed.json",
}


@pytest.mark.parametrize("command", ["bellhop-web", "bellhop-worker", "bellhop-scheduler", "bellhop-after-restore"])
def test_a_command_that_cannot_begin_ends_with_an_error(command: str, tmp_path: Path) -> None:
    settings = {**os.environ, **SETTINGS, "TIME_ZONE": "Mars/Olympus"}

    ended = subprocess.run([BIN / command], env=settings, cwd=tmp_path, capture_output=True, timeout=60, check=False)

    assert ended.returncode == 1, ended.stderr


def test_a_worker_whose_main_process_fails_ends_with_an_error(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack(BELLHOP_PLUGINS="tests.tasks,tests.tasks.crash")

    worker = stack.start_service("worker")

    wait_until(lambda: worker.exit_code is not None)
    assert "a bug in the main process" in stack.log("worker")
    assert worker.exit_code == 1


def test_a_worker_that_is_told_to_drop_everything_ends_with_an_error(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack("worker")

    stack.signal("worker", signal.SIGQUIT)

    worker = stack.services["worker"]
    wait_until(lambda: worker.exit_code is not None)
    assert worker.exit_code == 1


COMMANDS = ("bellhop-web", "bellhop-worker", "bellhop-scheduler", "bellhop-migrate", "bellhop-after-restore")
FLOWER = "celery -A bellhop_ledger.broker.celery_app flower --conf=services/flower/flowerconfig.py"
WRONG_REDIS = ("REDIS_URL", "redis://:s3cr3t@a,b/0")
WRONG_POSTGRES = ("DATABASE_URL", "postgresql://u:s3cr3t@host:port/none")


@pytest.mark.parametrize(
    ("command", "name", "value"),
    [(command, *wrong) for command in COMMANDS for wrong in (WRONG_REDIS, WRONG_POSTGRES)] + [(FLOWER, *WRONG_REDIS)],
)
def test_an_address_that_cannot_be_used_ends_a_command_with_one_line(command: str, name: str, value: str) -> None:
    program, *arguments = command.split()
    settings = {**os.environ, **SETTINGS, "FLOWER_PASSWORD": "dev-only-flower", name: value}

    ended = subprocess.run(
        [BIN / program, *arguments], env=settings, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )

    assert ended.returncode == 1
    assert ended.stderr.startswith(f"bellhop: {name}: "), ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert "s3cr3t" not in ended.stderr + ended.stdout
