"""A plug-in that cannot be imported ends the worker at its start, with one line."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.stack import BIN

COMMANDS = [
    ("bellhop-worker", "BELLHOP_PLUGINS"),
]
NOWHERE = {
    "APP_ENV": "test",
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "SECRET_KEY": "dev-only-secret-key",
}
REASONS = {
    "missing.py": ("import no_such_module", "No module named 'no_such_module'"),
    "broken.py": ("def", "SyntaxError"),
    "refused.py": ("raise RuntimeError('no licence')", "RuntimeError: no licence"),
}


def ends(command: str, folder: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    env = os.environ | NOWHERE | settings | {"PYTHONPATH": str(folder)}
    return subprocess.run([BIN / command], env=env, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize(("command", "variable"), COMMANDS)
def test_a_module_that_is_not_there_ends_a_command_with_one_line(tmp_path: Path, command: str, variable: str) -> None:
    done = ends(command, tmp_path, **{variable: "acme_tasks"})

    assert done.returncode == 1
    assert (
        done.stderr
        == f"bellhop: {variable}: acme_tasks cannot be imported: ModuleNotFoundError: No module named 'acme_tasks'\n"
    )


@pytest.mark.parametrize("file", REASONS)
def test_a_module_that_cannot_be_imported_is_named_with_the_reason(tmp_path: Path, file: str) -> None:
    content, reason = REASONS[file]
    (tmp_path / file).write_text(content)

    done = ends("bellhop-worker", tmp_path, BELLHOP_PLUGINS=file.removesuffix(".py"))

    assert done.returncode == 1
    assert f"BELLHOP_PLUGINS: {file.removesuffix('.py')} cannot be imported" in done.stderr
    assert reason in done.stderr
    assert "Traceback" not in done.stderr
