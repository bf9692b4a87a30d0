"""The command `bellhop` itself: its settings, what it says of wrong arguments, its completion and how it ends."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from bellhop_client import Retries
from bellhop_client.command import parser
from tests.stack import BIN, TOKEN, wait_until

Command = Callable[..., Any]


def submitted(command: Command, *argv: str) -> str:
    done = command("submit", *argv)
    assert (done.code, done.err) == (0, "")
    return str(done.out.strip())


@pytest.mark.parametrize(
    ("argv", "complaint"),
    [
        (("submit",), "the following arguments are required: TASK"),
        (("submit", "test.add", "a"), "argument NAME=VALUE: 'a' must be NAME=VALUE"),
        (("submit", "test.add", "a=1", "a=2"), "argument a: is given more than once"),
        (("submit", "test.add", "--delay", "soon"), "argument --delay: must be a length of time such as 90, 5m or"),
        (("submit", "test.add", "--run-at", "soon"), "argument --run-at: must be a date such as 2037-01-31T09:30"),
        (("submit", "test.add", "--args", "/not/there"), "argument --args: cannot read /not/there: No such file"),
        (("submit", "test.add", "--args", "-"), "argument --args: -: must be JSON"),
        (("jobs", "--state", "lost"), "argument --state: must be one of scheduled, queued, "),
        (("user", "invite", "ada@example.org", "king"), "argument ROLE: must be one of "),
        (("queues", "frob"), "argument VERB: must be one of list, pause, resume, not 'frob'"),
        (("jobs", "--limit", "0"), "argument --limit: must be a number from 1, not '0'"),
        (("retry",), "retry: name jobs by their ids, or choose them by filters such as --task"),
        (("frob",), "there is no 'frob' (bellhop --help)"),
        (("sumbit",), "there is no 'sumbit'; is 'submit' meant? (bellhop --help)"),
        (("schedules", "import", "-"), "argument FILE: -: must be JSON"),
    ],
)
def test_what_is_wrong_is_named_in_one_line(command: Command, argv: tuple[str, ...], complaint: str) -> None:
    done = command(*argv)

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"bellhop: {complaint}")
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("BELLHOP_URL", "", "BELLHOP_URL: is not set"),
        ("BELLHOP_URL", "localhost:8000", "BELLHOP_URL: must be http:// or https:// and a host"),
        ("BELLHOP_TOKEN", "", "BELLHOP_TOKEN: is not set"),
        ("BELLHOP_TOKEN", "two words", "BELLHOP_TOKEN: must be a text of visible ASCII characters"),
        ("BELLHOP_TOKEN_FILE", "/not/there", "BELLHOP_TOKEN and BELLHOP_TOKEN_FILE are both set"),
    ],
)
def test_a_setting_that_is_missing_or_wrong_is_named(
    command: Command, monkeypatch: pytest.MonkeyPatch, name: str, value: str, complaint: str
) -> None:
    monkeypatch.setenv(name, value)

    done = command("jobs")

    assert done.code == 2
    assert done.err.startswith(f"bellhop: {complaint}")


def test_a_token_comes_from_a_file_and_one_that_is_not_known_is_named_by_its_source(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "good").write_text(TOKEN + "\n")
    (tmp_path / "bad").write_text("not-known")
    monkeypatch.setenv("BELLHOP_TOKEN", "")
    monkeypatch.setenv("BELLHOP_TOKEN_FILE", str(tmp_path / "good"))

    good = command("jobs", "--limit", "1")
    bad = command("jobs", "--token-file", str(tmp_path / "bad"))

    assert (good.code, bad.code) == (0, 4)
    assert bad.err.startswith("bellhop: 401 Unauthorized: ")
    assert bad.err.endswith("(the token is from --token-file)\n")


def test_a_server_that_is_not_there_has_an_exit_code_of_its_own(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bellhop_client.command.connection.RETRIES", Retries(attempts=2, first=0.01))

    done = command("jobs", "--url", "http://127.0.0.1:1")

    assert done.code == 3
    assert "http://127.0.0.1:1 (--url) cannot be reached" in done.err


@pytest.mark.parametrize("verb", ["export-day", "plugin", "dev"])
def test_the_client_alone_says_which_package_brings_the_other_verbs(
    command: Command, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    monkeypatch.setattr(parser, "entry_points", lambda group: [])

    done = command(verb)

    assert done.code == 2
    assert f"{verb} comes with {parser.ELSEWHERE[verb]}, which is not installed here" in done.err


def test_bash_completes_verbs_and_options(command: Command, tmp_path: Path) -> None:
    (tmp_path / "bellhop.bash").write_text(command("completion", "bash").out)

    def completed(*words: str) -> list[str]:
        given = " ".join(f"'{word}'" for word in words)
        ask = f"COMP_WORDS=({given}); COMP_CWORD={len(words) - 1}; _bellhop; printf '%s\\n' \"${{COMPREPLY[@]}}\""
        code = f"source {tmp_path / 'bellhop.bash'}; {ask}"
        return subprocess.run(["bash", "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert completed("bellhop", "sub") == ["submit"]
    assert {"list", "pause", "resume", "--json"} <= set(completed("bellhop", "queues", ""))
    assert completed("bellhop", "queues", "pause", "--r") == ["--reason"]
    assert completed("bellhop", "export-day", "--e") == ["--ended"]
    assert completed("bellhop", "completion", "z") == ["zsh"]


def test_ctrl_c_ends_it_without_a_traceback(command: Command) -> None:
    id = submitted(command, "test.add", "a=1", "b=2", "--delay", "1h")
    child = subprocess.Popen(
        ["env", "--default-signal=INT", BIN / "bellhop", "wait", id],
        env=os.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_until(psutil.Process(child.pid).net_connections)

    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=30)

    assert (child.returncode, out, err) == (130, "", f"bellhop: job {id} goes on\n")


def test_a_reader_that_has_enough_ends_it_quietly(command: Command) -> None:
    for n in range(3):
        submitted(command, "test.add", f"a={n}", "b=2")
    code = f"{BIN / 'bellhop'} jobs --limit 500 --json | head -n 1; exit ${{PIPESTATUS[0]}}"

    done = subprocess.run(["bash", "-c", code], capture_output=True, text=True, check=False, env=os.environ)

    assert done.returncode in {0, 141}
    assert done.stderr == ""


def test_a_verb_of_the_client_does_not_import_the_server() -> None:
    code = (
        "import sys; from bellhop_client.command.parser import build; build(['jobs', '--json']); "
        "print({'httpx', 'sqlalchemy', 'celery', 'bellhop_ledger'} & set(sys.modules))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "set()"
