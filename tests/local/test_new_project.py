"""`bellhop new` and `bellhop dev`: a project from nothing to a task that runs, is changed and is debugged."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bellhop_local.ports import free_port
from tests.local.terminal import Terminal
from tests.stack import BIN, ROOT, TOKEN

OF_OTHER_TESTS = {"APP_ENV", "DATABASE_URL", "ENCRYPTION_KEY", "REDIS_URL", "BELLHOP_PLUGINS", "PYTHONPATH"}


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    here = {name: value for name, value in os.environ.items() if name not in OF_OTHER_TESTS}
    ports = {name: str(free_port()) for name in ("WEB_PORT", "FLOWER_PORT", "DEMO_PORT")}
    url = f"http://127.0.0.1:{ports['WEB_PORT']}"
    return (
        here
        | ports
        | {
            "LOCAL_DIR": str(tmp_path_factory.mktemp("dev") / "local"),
            "BELLHOP_URL": url,
            "BELLHOP_TOKEN": TOKEN,
            "PIP_NO_INDEX": "1",
            "WORKLOADS": "none",
            "WORKER_STOP_TIMEOUT": "5",
        }
    )


def bellhop(env: dict[str, str], *argv: str, folder: Path | None = None) -> str:
    done = subprocess.run([BIN / "bellhop", *argv], env=env, cwd=folder, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.fixture(scope="module")
def project(env: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("projects")
    bellhop(env, "new", "acme-shop", "--web", folder=folder)
    return folder / "acme-shop"


@pytest.fixture
def dev(env: dict[str, str], project: Path) -> Iterator[Terminal]:
    """The system with the project, in a terminal."""
    made = Terminal([str(BIN / "bellhop"), "dev", "--solo"], env, project)
    try:
        made.expect("watching ")
        yield made
    finally:
        made.close()


def test_its_own_tests_pass_and_it_is_built_into_a_wheel(env: dict[str, str], project: Path) -> None:
    tests = subprocess.run(
        [sys.executable, "-m", "pytest", "-q"], env=env, cwd=project, capture_output=True, check=False
    )
    wheel = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", "dist", "."]
    subprocess.run(wheel, env=env, cwd=project, capture_output=True, check=True)

    assert tests.returncode == 0, tests.stdout
    assert [file.name for file in (project / "dist").iterdir()] == ["acme_shop_tasks-0.1.0-py3-none-any.whl"]


def test_its_wheel_is_found_where_it_is_installed(env: dict[str, str], project: Path, tmp_path: Path) -> None:
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--no-deps",
        "--no-build-isolation",
        "--target",
        tmp_path,
        project,
    ]
    subprocess.run(install, env=env, capture_output=True, check=True)
    code = "from bellhop.plugin import find_plugins; print(find_plugins([], ['none'], run_tasks=True))"

    found = subprocess.run(
        [sys.executable, "-c", code],
        env=env | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert "name='acme_shop'" in found.stdout


def test_its_dockerfile_is_that_of_the_docs(project: Path) -> None:
    assert (project / "Dockerfile").read_text() in (ROOT / "docs/your-own-tasks.md").read_text()


@pytest.mark.long
def test_its_task_runs_and_is_run_anew_when_it_has_changed_and_is_debugged(
    dev: Terminal, env: dict[str, str], project: Path
) -> None:
    body = project / "src/acme_shop/bodies.py"
    code = body.read_text()
    assert greeted(env) == "Hello, Ada!"
    asked = httpx.post(
        f"{env['BELLHOP_URL']}/api/acme_shop/greetings",
        json={"name": "Bob"},
        headers={"Authorization": f"Bearer {TOKEN}"},
    )
    assert (asked.status_code, asked.json()["task"]) == (202, "acme_shop.greet")

    seen = len(dev.shown)
    body.write_text("this is no Python")
    dev.expect("worker ended by itself with exit code 1; it is started again when a file changes", since=seen)
    seen = len(dev.shown)
    body.write_text(code.replace("Hello", "Good morning"))
    dev.expect("worker and web run again", since=seen)
    assert greeted(env) == "Good morning, Ada!"

    seen = len(dev.shown)
    body.write_text(code.replace("    return", "    breakpoint()\n    return"))
    dev.expect("worker and web run again", since=seen)
    id = bellhop(env, "submit", "acme_shop.greet", "name=Ada").strip()
    seen = dev.expect("(Pdb) ", since=seen)
    dev.type("p name * 2\n")
    seen = dev.expect("'AdaAda'", since=seen)
    dev.type("name = 'Eve'\nc\n")
    assert "Hello, Eve!" in bellhop(env, "wait", id, "--timeout", "1m")

    assert dev.close() == 0


def greeted(env: dict[str, str]) -> str:
    [line] = [
        line
        for line in bellhop(env, "submit", "acme_shop.greet", "name=Ada", "--wait").splitlines()
        if "result" in line
    ]
    return line.split(maxsplit=1)[1]


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("Acme", "must be a word of a-z, 0-9, - and _, at most 40, not 'Acme'"),
        ("json", "json is the name of another module; take one of your own"),
        ("bellhop-shop", "bellhop_shop is the name of another module; take one of your own"),
        ("there", "there is there already"),
    ],
)
def test_a_name_that_cannot_be_one_is_refused(env: dict[str, str], tmp_path: Path, name: str, complaint: str) -> None:
    (tmp_path / "there").mkdir()

    done = subprocess.run(
        [BIN / "bellhop", "new", name], env=env, cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (2, f"bellhop: argument NAME: {complaint}\n")
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


@pytest.mark.parametrize(
    ("argument", "complaint"),
    [
        ("--solo", "argument --solo: this is no terminal, and a debugger would have nobody to ask"),
        ("not-there", "argument FOLDER: there is no folder not-there"),
    ],
)
def test_what_it_cannot_run_is_named(env: dict[str, str], tmp_path: Path, argument: str, complaint: str) -> None:
    done = subprocess.run(
        [BIN / "bellhop", "dev", argument],
        env=env, cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"bellhop: {complaint}\n")
