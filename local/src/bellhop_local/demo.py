"""`make demo`: finds a stack to show, or starts one for the time of the demo."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from bellhop_local.errors import ServiceError
from bellhop_local.feed import SAMPLE
from bellhop_local.ports import free_port
from bellhop_local.process import Child, wait_until
from bellhop_local.services import PROGRAMS, answers
from bellhop_local.settings import ROOT, LocalSettings
from bellhop_local.state import published

STOP_GRACE = 90.0
FEED = SAMPLE.parent


def run_demo(settings: LocalSettings) -> int:
    """Show what the system does: on the containers, else on the running local stack, else on one of its own."""
    signal.signal(signal.SIGTERM, _exit)
    if _containers_are_up():
        return _show_containers()
    stack = published(settings.directory)
    if stack and answers(f"{stack['BELLHOP_URL']}/livez"):
        return _show(stack)
    with _own_stack() as own:
        return _show(own)


def _containers_are_up() -> bool:
    """Whether the web service of the compose file runs; no Docker means no."""
    if not shutil.which("docker") or not (ROOT / "docker-compose.yml").exists():
        return False
    command = ["docker", "compose", "ps", "--status", "running", "--services"]
    try:
        found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20, check=False)
    except subprocess.TimeoutExpired:
        return False
    return "web" in found.stdout.split()


def _show_containers() -> int:
    """Run the demo as the owner of the feed, which it edits; without prices there is none."""
    owner = (FEED if FEED.exists() else ROOT).stat()
    command = ["docker", "compose", "--profile", "demo", "run", "--rm", "--build", "--use-aliases"]
    command += ["--user", f"{owner.st_uid}:{owner.st_gid}", "demo"]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def _show(stack: Mapping[str, str]) -> int:
    return subprocess.run([str(PROGRAMS / "bellhop-demo")], env={**os.environ, **stack}, check=False).returncode


@contextmanager
def _own_stack() -> Iterator[Mapping[str, str]]:
    """A stack in a directory and on ports that are gone afterwards."""
    directory = Path(tempfile.mkdtemp(prefix="bellhop-demo-"))
    stack = _start_command(directory)
    try:
        print("no stack is running: starting one for the demo ...", flush=True)
        stack.start()
        wait_until(
            lambda: bool(published(directory)) or not stack.is_running, float("inf"), pause=0.2
        )  # it gives up itself
        yield _ready(directory)
    finally:
        stack.stop(STOP_GRACE)
        shutil.rmtree(directory, ignore_errors=True)


def _start_command(directory: Path) -> Child:
    ports = {name: str(free_port()) for name in ("WEB_PORT", "FLOWER_PORT", "DEMO_PORT")}
    servers = ("DATABASE_URL", "REDIS_URL", "DATABASE_URL_FILE", "REDIS_URL_FILE")
    inherited = {name: value for name, value in os.environ.items() if name not in servers}
    environment = {**inherited, **ports, "LOCAL_DIR": str(directory)}
    argv = [str(PROGRAMS / "bellhop-local"), "up"]
    return Child("stack", argv, env=environment, directory=directory, output=directory / "log")


def _ready(directory: Path) -> Mapping[str, str]:
    ready = published(directory)
    if ready is None:
        log = (directory / "log").read_text(encoding="utf-8", errors="replace")
        raise ServiceError(f"the stack for the demo did not start; its last words:\n{log[-3000:]}")
    return ready


def _exit(number: int, frame: FrameType | None) -> None:
    """Let a SIGTERM end us the way an exception does, so that the stack is stopped."""
    raise SystemExit(128 + number)
