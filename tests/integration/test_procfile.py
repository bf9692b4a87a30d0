"""The Procfile: each of its lines starts a process that works with what such platforms set."""

import re
import shlex
from collections.abc import Callable

import httpx
import pytest

from bellhop_local.ports import free_port
from bellhop_local.process import Child
from tests.stack import BIN, ROOT, Stack, wait_until

LINES = dict(re.findall(r"^(\w+): (.+)$", (ROOT / "Procfile").read_text(), re.MULTILINE))


def start(stack: Stack, name: str, **settings: str) -> Child:
    """Run a line of the Procfile in the project's folder, as a platform does."""
    program, *arguments = shlex.split(LINES[name])
    heartbeat = {"HEARTBEAT_FILE": str(stack.heartbeat(name))}
    env, output = stack.env | heartbeat | settings, stack.directory / f"{name}.log"
    child = Child(name, [str(BIN / program), *arguments], env=env, directory=ROOT, output=output)
    stack.services[name] = child
    child.start()
    return child


def answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


@pytest.mark.long
def test_every_line_starts_what_it_says_with_the_variables_of_a_platform(make_stack: Callable[..., Stack]) -> None:
    stack = make_stack(WEB_BIND="", FLOWER_PASSWORD="dev-only-flower")
    stack.settings["DATABASE_URL"] = stack.application_url.replace("postgresql://", "postgres://")
    flower_port, data = str(free_port()), {"FLOWER_DATA": str(stack.directory / "flower.db")}

    release = start(stack, "release")
    wait_until(lambda: release.exit_code is not None)
    start(stack, "web", PORT=str(stack.port))
    start(stack, "worker")
    start(stack, "scheduler")
    start(stack, "flower", PORT=flower_port, **data)

    assert release.exit_code == 0
    wait_until(stack.web_is_ready)
    assert stack.ended(stack.submit("test.add", args={"a": 5, "b": 7})["id"])["result"] == 12
    assert stack.ended(stack.submit("test.noop", delay=0.5)["id"])["state"] == "succeeded"  # by the scheduler
    wait_until(lambda: answers(f"http://127.0.0.1:{flower_port}/healthcheck"))


def test_there_is_a_line_for_each_part() -> None:
    assert list(LINES) == ["release", "web", "worker", "scheduler", "flower"]
