"""What the command `bellhop` makes of bytes that are no text, and of outputs that cannot take what it prints."""

import json
import os
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from bellhop_client import Client, Retries
from bellhop_client.writing import Unsendable
from tests.stack import BIN

Command = Callable[..., Any]
BYTES = os.fsdecode(b"\xff")
"""An argument that is not UTF-8, as Python has it."""


@pytest.mark.parametrize(
    ("argv", "stdin", "complaint"),
    [
        (("submit", "test.note_down", f"what={BYTES}"), "", r"argument b'what=\xff': must be UTF-8"),
        (("submit", "test.add", "--tag", BYTES), "", r"argument b'\xff': must be UTF-8"),
        (("job", BYTES), "", r"argument b'\xff': must be UTF-8"),
        (("frob", BYTES), "", r"argument b'\xff': must be UTF-8"),
        (("submit", "test.note_down", "--args", "-"), r'{"what": "\ud800"}', "args.what: cannot be sent as JSON: "),
        (("job", ""), "", "id: must not be ''"),
        (("logs", ".."), "", "id: must not be '..'"),
        (("jobs", "--url", "http://127.0.0.1:99999"), "", "--url: must have a port from 1 to 65535, or none"),
        (("submit", "test.add", "a=1", "b=2", "--key", "a key"), "", "key: must be 1 to 200 visible ASCII characters"),
        (("submit", "test.add", "a=1", "b=2", "--key", "k\N{BELL}"), "", "key: must be 1 to 200 visible ASCII"),
    ],
)
def test_what_no_request_can_carry_is_named_in_one_line(
    command: Command, argv: tuple[str, ...], stdin: str, complaint: str
) -> None:
    done = command(*argv, stdin=stdin)

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"bellhop: {complaint}")
    assert done.err.count("\n") == 1


@pytest.mark.parametrize("key", ["", "a key", "k\N{BELL}", "k" * 201])
def test_the_client_refuses_a_key_that_no_header_carries(key: str) -> None:
    client = Client("http://127.0.0.1:1", "token")

    with pytest.raises(Unsendable, match="key: must be 1 to 200"):
        client.submit("test.add", {"a": 1, "b": 2}, key=key)


def in_shell(code: str, **env: str) -> subprocess.CompletedProcess[str]:
    settings = {**os.environ, "bellhop": str(BIN / "bellhop"), **env}
    return subprocess.run(["bash", "-c", code], capture_output=True, text=True, check=False, env=settings)


def test_a_full_disk_ends_it_with_one_line(command: Command) -> None:
    done = in_shell('"$bellhop" jobs --limit 1 >/dev/full')

    assert (done.returncode, done.stderr) == (1, "bellhop: the output: No space left on device\n")


def test_an_output_that_is_closed_leads_nowhere(command: Command) -> None:
    done = in_shell('"$bellhop" jobs --limit 1 >&-; "$bellhop" jobs --limit 1 >&- 2>&-')

    assert (done.returncode, done.stderr) == (0, "")


def test_an_output_without_unicode_escapes_it(command: Command) -> None:
    id = command("submit", "test.note_down", "what=Grüße", "--delay", "1d").out.strip()

    people = in_shell('"$bellhop" job "$id"', id=id, PYTHONIOENCODING="ascii")
    programs = in_shell('"$bellhop" job "$id" --json', id=id, PYTHONIOENCODING="ascii")

    assert (people.returncode, people.stderr) == (0, "")
    assert r"Gr\xfc\xdfe" in people.stdout
    assert json.loads(programs.stdout)["args"] == {"what": "Grüße"}


def test_a_request_that_is_sent_again_is_reported_in_words(
    command: Command, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bellhop_client.command.connection.RETRIES", Retries(attempts=2, first=0.01))

    with caplog.at_level("INFO", "bellhop_client"):
        command("jobs", "--url", "http://127.0.0.1:1")

    assert "GET /api/jobs is sent again in 0.0 s: GET http://127.0.0.1:1/api/jobs: ConnectError: " in caplog.text
