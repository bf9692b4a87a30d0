"""The completion of the command, by the shells themselves: keys are pressed in a terminal, and the words arrive."""

import os
import pty
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path

import pytest

from tests.stack import BIN, wait_until

READY = "ready for keys> "
STARTS = {
    "bash": (".bashrc", "bash --noprofile --rcfile .bashrc -i", "source ./script"),
    "zsh": (".zshrc", "zsh --no-globalrcs -i", "fpath=($PWD $fpath); autoload -Uz compinit; compinit -u -D"),
    "zsh, sourced": (".zshrc", "zsh --no-globalrcs -i", "autoload -Uz compinit; compinit -u -D; source ./script"),
}
"""How a shell is started: the file that it reads, the command, and what makes it complete."""


@cache
def script_for(shell: str) -> str:
    return subprocess.run([BIN / "bellhop", "completion", shell], capture_output=True, text=True, check=True).stdout


def needs(shell: str) -> None:
    if not shutil.which(shell):
        pytest.skip(f"there is no {shell} here; Debian: {shell}")


@contextmanager
def terminal(home: Path, command: str) -> Iterator[int]:
    """Run a shell in a terminal of its own, and yield that when it waits for keys."""
    ours, theirs = pty.openpty()
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "ZDOTDIR": str(home), "TERM": "vt100"}
    with subprocess.Popen(command.split(), stdin=theirs, stdout=theirs, stderr=theirs, env=env, cwd=home) as shell:
        os.close(theirs)
        os.set_blocking(ours, False)
        seen = bytearray()
        try:
            wait_until(lambda: READY.encode() in heard(ours, seen))
            yield ours
        finally:
            shell.kill()
            os.close(ours)


def heard(terminal: int, seen: bytearray) -> bytearray:
    with suppress(BlockingIOError, OSError):
        seen += os.read(terminal, 65_536)
    return seen


TYPED = {
    "tok\tcr\tbilling --tas\tx": ["token", "create", "billing", "--task", "x"],
    "schedules imp\tscr\t--del\t": ["schedules", "import", "script", "--delete-others"],
    "us\tinvitati\t--js\t": ["user", "invitations", "--json"],
    "sub\ttest.add --pri\t9": ["submit", "test.add", "--priority", "9"],
}


@pytest.mark.parametrize("shell", STARTS)
def test_a_shell_completes_what_is_typed(tmp_path: Path, shell: str) -> None:
    name, (file, command, start) = shell.partition(",")[0], STARTS[shell]
    needs(name)
    for script in ("script", "_bellhop") if name == "zsh" and "source" not in start else ("script",):
        (tmp_path / script).write_text(script_for(name))
    made = f"""{start}\nbellhop() {{ printf '%s\\n' "$@" >done; mv done words; }}\nPS1='{READY}'\n"""
    (tmp_path / file).write_text(made)
    arrived = tmp_path / "words"

    with terminal(tmp_path, command) as keyboard:
        for keys, words in TYPED.items():
            os.write(keyboard, f"bellhop {keys}\r".encode())
            wait_until(arrived.exists)
            assert arrived.read_text().splitlines() == words
            arrived.unlink()


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("bellhop tok", {"token"}),
        ("bellhop token ", {"list", "show", "create", "change", "rotate", "revoke"}),
        ("bellhop token create x --tas", {"--task"}),
        ("bellhop schedules import --del", {"--delete-others"}),
        ("bellhop submit test.add --pri", {"--priority"}),
        ("bellhop queues pau", {"pause"}),
        ("bellhop user re", {"resend", "revoke"}),
    ],
)
def test_fish_completes_what_is_typed(tmp_path: Path, typed: str, offered: set[str]) -> None:
    needs("fish")
    (tmp_path / "script").write_text(script_for("fish"))
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}

    done = subprocess.run(
        ["fish", "--no-config", "--command", f"source ./script; complete --do-complete '{typed}'"],
        env=env, cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert {line.partition("\t")[0] for line in done.stdout.splitlines()} == offered
