"""docs/your-own-tasks.md, from its first line to the wheel: its files are written and its commands are run."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bellhop_local.ports import free_port
from bellhop_local.process import Child
from bellhop_local.state import published
from tests.stack import ROOT, wait_until

TEXT = (ROOT / "docs/your-own-tasks.md").read_text()
FILES = re.findall(r"^`([\w/.]+)`:\n\n```\w+\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
COMMANDS = re.findall(r"^```sh\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
TOKEN = "dev-only-admin-token"
WITHOUT_OURS = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"
"""The plug-ins of our packages, which PYTHONPATH shows to an environment that cannot import them."""
OF_OTHER_TESTS = {"APP_ENV", "DATABASE_URL", "ENCRYPTION_KEY", "REDIS_URL", "BELLHOP_PLUGINS"}


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """What a reader has, and no registry: what pip would download from one is here."""
    here = {name: value for name, value in os.environ.items() if name not in OF_OTHER_TESTS}
    here |= {"BELLHOP": str(ROOT), "PYTHONPATH": next(path for path in sys.path if path.endswith("site-packages"))}
    here |= {
        WITHOUT_OURS: "1",
        "PIP_NO_BUILD_ISOLATION": "0",
        "PIP_NO_INDEX": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }
    here |= {WITHOUT_OURS: "1"}
    return here | {"LOCAL_DIR": str(tmp_path / "local"), "WEB_PORT": str(free_port()), "FLOWER_PORT": str(free_port())}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder with all its files."""
    made = tmp_path / "acme"
    for name, content in FILES:
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_text(content)
    return made


def run(command: str, folder: Path, env: dict[str, str]) -> str:
    command = command.replace("PYTHONPATH=", "PYTHONPATH=$PYTHONPATH:").replace(":8000", f":{env['WEB_PORT']}")
    done = subprocess.run(
        ["bash", "-ec", command], cwd=folder, env=env, capture_output=True, text=True, timeout=170, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def local(folder: Path, env: dict[str, str], tmp_path: Path) -> Iterator[None]:
    """The command that is to be run in a terminal of its own."""
    [command] = [one for one in COMMANDS if "make" in one]
    child = Child("local", ["bash", "-ec", command], env=env, directory=folder, output=tmp_path / "log")
    child.start()
    wait_until(lambda: bool(published(tmp_path / "local")) or not child.is_running)
    assert child.is_running, (tmp_path / "log").read_text()
    yield
    os.killpg(child.pid, signal.SIGINT)
    wait_until(lambda: child.exit_code is not None)


@pytest.mark.long
def test_the_package_is_made_tested_and_built(folder: Path, env: dict[str, str]) -> None:
    for command in COMMANDS:
        if not {"make", "curl", "system_tests"} & set(command.split()):
            run(command, folder, env)

    assert [wheel.name for wheel in (folder / "dist").iterdir()] == ["acme_tasks-1.0-py3-none-any.whl"]


@pytest.mark.long
def test_its_tests_run_tasks_with_a_database(folder: Path, env: dict[str, str]) -> None:
    [command] = [one for one in COMMANDS if "system_tests" in one]

    assert "3 passed" in run(command, folder, {name: value for name, value in env.items() if name != WITHOUT_OURS})


@pytest.mark.long
@pytest.mark.usefixtures("local")
def test_its_task_runs_and_a_wrong_argument_is_refused(folder: Path, env: dict[str, str]) -> None:
    receipt, refusal = (json.loads(run(one, folder, env)) for one in COMMANDS if "curl" in one)
    ended = f"curl -s http://127.0.0.1:8000/api/jobs/{receipt['id']}?wait=60 -H 'Authorization: Bearer {TOKEN}'"

    assert json.loads(run(ended, folder, env))["result"] == "invoice-7.pdf"
    assert refusal["errors"] == [{"field": "args.invoice_id", "message": "must be an integer"}]
