"""docs/endpoints.md: its services run, and its commands make them tasks, each as it stands there."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bellhop_local.ports import free_port
from tests.stack import ROOT, TOKEN, Stack, wait_until

TEXT = (ROOT / "docs/endpoints.md").read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
[PYTHON] = [code for language, code in BLOCKS if language == "python"]
[NODE] = [code for language, code in BLOCKS if language == "js"]
MAKE_CHARGE, SUBMIT, MAKE_REPORT = [code for language, code in BLOCKS if language == "sh"]
needs_node = pytest.mark.skipif(not shutil.which("node"), reason="there is no Node here")
Start = Callable[[str], int]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a service of the page and return its port."""
    started: list[subprocess.Popen[bytes]] = []

    def run(language: str) -> int:
        port = free_port()
        path = tmp_path / ("billing.py" if language == "python" else "billing.mjs")
        path.write_text(PYTHON if language == "python" else NODE)
        program = sys.executable if language == "python" else "node"
        started.append(subprocess.Popen([program, str(path)], env=os.environ | {"PORT": str(port)}, cwd=tmp_path))
        wait_until(lambda: answers(port))
        return port

    yield run
    for one in started:
        one.kill()
        one.wait()


def answers(port: int) -> bool:
    try:
        return httpx.post(f"http://127.0.0.1:{port}/charge", json={}, timeout=5).status_code == 401
    except httpx.TransportError:
        return False


def shell(stack: Stack, port: int, command: str) -> dict[str, Any]:
    """Run a command of the page against this system and this service."""
    script = command.replace("http://127.0.0.1:8000", stack.url).replace("127.0.0.1:8080", f"127.0.0.1:{port}")
    env = os.environ | {"ADMIN_TOKEN": TOKEN}
    done = subprocess.run(["sh", "-c", script], env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize("language", ["python", pytest.param("js", marks=needs_node)])
def test_a_service_of_the_page_charges_refuses_and_reports(calling: Stack, start: Start, language: str) -> None:
    port = start(language)

    made, submitted = (shell(calling, port, command) for command in (MAKE_CHARGE, SUBMIT))
    shell(calling, port, MAKE_REPORT)

    assert (made["name"], made["served"], made["signing_secret"]) == ("billing.charge", True, "***")
    assert submitted["args"] == {"amount": 5, "card": "***"}
    assert calling.ended(submitted["id"])["result"] == {"charge": "ch_1", "amount": 5}
    declined = calling.ended(calling.submit("billing.charge", args={"amount": 1001, "card": "4242"})["id"])
    assert declined["state"] == "failed"
    assert re.fullmatch("The answer was 422 .*: The card was declined", declined["error"]["message"])
    report = calling.ended(calling.submit("billing.report", args={"pages": 3})["id"])
    assert (report["result"], report["progress"]["current"], report["attempt"]) == ({"pages": 3}, 3, 1)
