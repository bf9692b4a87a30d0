"""Generators of clients make something of every operation of the OpenAPI document, and have nothing to warn of."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.stack import ROOT, Stack

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(1200),
    pytest.mark.skipif(not shutil.which("npm"), reason="there is no npm here; Debian: nodejs npm"),
]
IMPORT = "import importlib, sys; [importlib.import_module(name) for name in sys.argv[1:]]"
COMPILE = ("--noEmit", "--strict", "--target", "es2022", "--module", "esnext", "--moduleResolution", "bundler")


@pytest.fixture(scope="module")
def generators(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The generators, installed in the releases that are locked."""
    made = tmp_path_factory.mktemp("generators") / "of"
    shutil.copytree(ROOT / "tests/generators", made, ignore=shutil.ignore_patterns("node_modules"))
    run(made, "npm", "ci")
    run(made, sys.executable, "-m", "venv", "venv")
    run(made, "venv/bin/pip", "install", "--quiet", "--require-hashes", "--requirement", "requirements.txt")
    return made


@pytest.fixture(scope="module", params=["all", "none"])
def described(
    request: pytest.FixtureRequest, generators: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """The document of a system with these workloads, as a file."""
    workloads = str(request.param)
    stack = Stack(tmp_path_factory.mktemp("stack"), BELLHOP_PLUGINS="", WORKLOADS=workloads)
    try:
        stack.start("web")
        file = generators / f"{workloads}.json"
        file.write_text(stack.http.get("/api/openapi.json").text)
        yield file
    finally:
        stack.stop()


def test_openapi_typescript_has_nothing_to_warn_of(generators: Path, described: Path) -> None:
    output = f"openapi_typescript_{described.stem}.ts"

    said = run(generators, "node_modules/.bin/openapi-typescript", described.name, "--output", output)

    assert not complaints(said)
    made = (generators / output).read_text()
    assert [name for name in names(described) if f"    {name}: {{" not in made] == []
    run(generators, "node_modules/.bin/tsc", *COMPILE, output)


def test_hey_api_has_nothing_to_warn_of(generators: Path, described: Path) -> None:
    output = f"hey_api_{described.stem}"

    said = run(generators, "node_modules/.bin/openapi-ts", "--input", described.name, "--output", output)

    assert not complaints(said)
    made = (generators / output / "sdk.gen.ts").read_text()
    assert [name for name in names(described) if f"export const {camel(name)} = " not in made] == []
    run(generators, "node_modules/.bin/tsc", *COMPILE, f"{output}/index.ts")


def test_openapi_python_client_has_nothing_to_warn_of(generators: Path, described: Path) -> None:
    output = f"python_{described.stem}"
    command = ["venv/bin/openapi-python-client", "generate", "--path", described.name, "--output-path", output]

    said = run(generators, *command, "--meta", "none", "--fail-on-warning")

    assert not complaints(said)
    files = [file.relative_to(generators) for file in (generators / output).rglob("*.py")]
    assert [name for name in names(described) if name not in {file.stem for file in files}] == []
    run(generators, "venv/bin/python", "-c", IMPORT, *[".".join(file.with_suffix("").parts) for file in files])


def run(directory: Path, *command: str) -> str:
    """Run a command that must succeed, and return all that it says."""
    path = f"{directory / 'venv/bin'}:{os.environ['PATH']}"
    done = subprocess.run(
        command, cwd=directory, env=os.environ | {"PATH": path}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def complaints(said: str) -> list[str]:
    """Return the lines in which a generator complains."""
    return [line for line in said.splitlines() if re.search("warn|error|⚠|unsupported|skip", line, re.IGNORECASE)]


def names(described: Path) -> list[str]:
    """Return the names of all operations."""
    document: dict[str, Any] = json.loads(described.read_text())
    return [operation["operationId"] for item in document["paths"].values() for operation in item.values()]


def camel(name: str) -> str:
    """Write a name as TypeScript does."""
    first, *others = name.split("_")
    return first + "".join(other.title() for other in others)
