"""docs/command-line.md: its examples are run, and it tells of every verb, check and exit code."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from bellhop_client.command.errors import Exit
from bellhop_client.command.parser import ELSEWHERE, OWN
from tests.stack import BIN, ROOT, TOKEN, Stack

TEXT = (ROOT / "docs/command-line.md").read_text()
EXAMPLES = [code for code in re.findall(r"^```sh\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL) if "pip" not in code]
INVOICES = "tests.tasks.invoices"


@pytest.mark.long
def test_the_examples_run(system: Stack, tmp_path: Path) -> None:
    env = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "BELLHOP_URL": system.url, "BELLHOP_TOKEN": TOKEN}
    script = "\n".join(["set -euo pipefail", *EXAMPLES]).replace("bellhop doctor", "bellhop doctor || test $? = 1")

    done = subprocess.run(
        ["bash", "-c", script], env=env, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")
    assert "invoice-7.pdf" in done.stdout
    assert "invoice-8.pdf" in done.stdout


def test_the_queries_of_the_page_are_answered(system: Stack) -> None:
    text = (ROOT / "docs/finding-jobs.md").read_text()
    [examples] = re.findall(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    env = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}", "BELLHOP_URL": system.url, "BELLHOP_TOKEN": TOKEN}

    done = subprocess.run(["bash", "-euc", examples], env=env, capture_output=True, text=True, timeout=120, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert '"jobs":' in done.stdout


def test_every_verb_has_its_line() -> None:
    [table] = re.findall(r"^\| verb .*?\n\n", TEXT, re.MULTILINE | re.DOTALL)

    assert [verb for verb in [*OWN, *ELSEWHERE] if not re.search(rf"`{verb}\b", table)] == []


def test_every_exit_code_has_its_line() -> None:
    [table] = re.findall(r"^\| code .*?\n\n", TEXT, re.MULTILINE | re.DOTALL)

    assert re.findall(r"^\| (\d+) \|", table, re.MULTILINE) == [
        str(int(one)) for one in Exit if one != Exit.PIPE_CLOSED
    ]
