"""The TypeScript client, compiled with the document of a real system and run on it."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.documents import blocks
from tests.integration.test_job_page import SPECIAL, page_of, sample_of
from tests.stack import ROOT, TOKEN, Stack

HERE = ROOT / "clients/typescript"
LOCKS = [HERE / "package-lock.json", *(ROOT / "tests" / name / "package-lock.json" for name in ("generators", "oidc"))]
WITH_EXAMPLES = ("clients/typescript/README.md", "docs/http-requests.md")
AROUND = """
import type { Client } from "bellhop-client";

declare global {
  var bellhop: Client;
  var request: Request;
  var secret: string;
  var body: string;
}
"""
"""What the examples do not say: what stands around them in an application."""
MOST_LINES = 200
"""Of code that is written by hand."""
needs_node = pytest.mark.skipif(not shutil.which("npm"), reason="there is no npm here; Debian: nodejs npm")


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A system whose jobs reach this machine, and log."""
    tasks = "tests.tasks,tests.tasks.talks"
    made = Stack(tmp_path_factory.mktemp("system"), FETCH_ALLOW="127.0.0.0/8", BELLHOP_PLUGINS=tasks)
    try:
        yield made.start("web", "worker", "scheduler")
    finally:
        made.stop()


@pytest.fixture(scope="module")
def package(stack: Stack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The client, built as its README says, with its tests."""
    made = tmp_path_factory.mktemp("client") / "typescript"
    shutil.copytree(HERE, made, ignore=shutil.ignore_patterns("node_modules", "dist", "build", "api.ts"))
    (made / "openapi.json").write_text(stack.http.get("/api/openapi.json").text)
    run(made, "npm", "ci")
    run(made, "npm", "run", "build")
    run(made, "node_modules/.bin/tsc", "--project", "test")
    return made


def run(directory: Path, *command: str, **settings: str) -> str:
    env = os.environ | settings
    done = subprocess.run(command, cwd=directory, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.long
@needs_node
@pytest.mark.parametrize("part", ["client", "webhooks"])
def test_it_does_on_a_real_system_what_its_own_tests_say(stack: Stack, package: Path, part: str) -> None:
    user = stack.user().http.headers["Authorization"].removeprefix("Bearer ")

    said = run(
        package,
        *("node", "--test", "--test-reporter=tap", f"build/{part}.test.js"),
        BELLHOP_URL=stack.url,
        BELLHOP_TOKEN=TOKEN,
        USER_TOKEN=user,
        NODE_OPTIONS="--unhandled-rejections=strict",
    )

    assert int(re.findall(r"^# pass (\d+)", said, re.MULTILINE)[0]) > 2
    assert not re.findall(r"^# (?:fail|skipped|cancelled|todo) [1-9]", said, re.MULTILINE)


@pytest.mark.long
@needs_node
def test_the_examples_of_the_documents_have_right_types(package: Path) -> None:
    written = [block for block in blocks() if block.language == "ts" and block.document in WITH_EXAMPLES]
    (package / "examples").mkdir()
    (package / "examples/around.d.ts").write_text(AROUND)
    for number, block in enumerate(written):
        (package / f"examples/{number}.ts").write_text(block.code)
    options = [
        "--noEmit",
        "--strict",
        "--module",
        "NodeNext",
        "--target",
        "ES2022",
        "--types",
        "node",
        "--skipLibCheck",
    ]

    run(package, "node_modules/.bin/tsc", *options, *map(str, (package / "examples").iterdir()))

    assert len(written) == 4


@pytest.mark.long
@needs_node
def test_the_sample_of_a_job_s_page_submits_one_like_it(stack: Stack, package: Path) -> None:
    said: dict[str, Any] = {"label": "`${one}`", "tags": ["typescript-sample"], "priority": 9}
    first = stack.submit("test.note_down", args={"what": SPECIAL}, **said)
    (package / "sample").mkdir()
    (package / "sample/sample.ts").write_text(sample_of(page_of(stack, first["id"]), "typescript"))
    options = ["--strict", "--module", "NodeNext", "--target", "ES2022", "--types", "node", "--skipLibCheck"]

    run(package, "node_modules/.bin/tsc", *options, "sample/sample.ts")
    said_then = run(package, "node", "sample/sample.js", BELLHOP_TOKEN=TOKEN)

    id, state = said_then.split()
    assert (state, stack.job(id)["args"], stack.job(id)["label"]) == ("succeeded", first["args"], first["label"])


@pytest.mark.long
@needs_node
def test_what_is_packed_is_the_client_and_its_types_and_needs_nothing_else(package: Path) -> None:
    [packed] = json.loads(run(package, "npm", "pack", "--dry-run", "--json"))

    names = {file["path"] for file in packed["files"]}
    assert {"dist/client.js", "dist/client.d.ts", "dist/api.d.ts"} <= names
    assert {name for name in names if not name.startswith("dist/")} == {"README.md", "LICENSE", "package.json"}
    assert "dependencies" not in json.loads((package / "package.json").read_text())


def test_the_part_that_is_written_by_hand_is_short() -> None:
    sources = [file for file in (HERE / "src").glob("*.ts") if file.name != "api.ts"]
    lines = [line.strip() for file in sources for line in file.read_text().splitlines()]

    assert len([line for line in lines if line and not re.match(r"//|/?\*", line)]) <= MOST_LINES


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.parent.name)
def test_a_lock_pins_each_package_by_its_hash_and_names_no_registry(lock: Path) -> None:
    packages = json.loads(lock.read_text())["packages"]

    assert len(packages) > 3
    assert all(one["integrity"].startswith("sha512-") for path, one in packages.items() if path)
    assert not [path for path, one in packages.items() if "resolved" in one]
