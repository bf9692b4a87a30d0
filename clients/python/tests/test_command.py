"""`bellhop submit`, `jobs`, `logs` and the others of jobs, on a real system."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from bellhop_ledger.accounts.roles import Role
from tests.stack import Stack

Command = Callable[..., Any]


def submitted(command: Command, *argv: str) -> str:
    done = command("submit", *argv)
    assert (done.code, done.err) == (0, "")
    return str(done.out.strip())


def test_a_job_is_submitted_and_its_end_is_waited_for(command: Command) -> None:
    id = submitted(command, "test.add", "a=5", "b=7", "--tag", "sums")

    done = command("wait", id)

    assert done.code == 0
    facts = dict(line.split(maxsplit=1) for line in done.out.splitlines())
    assert (facts["id"], facts["state"], facts["result"], facts["tags"]) == (id, "succeeded", "12", "sums")


def test_the_exit_code_says_how_the_job_ended(command: Command) -> None:
    good = command("submit", "test.add", "a=1", "b=2", "--wait", "--json")
    bad = command("submit", "test.fail", "times=9", "--wait")

    assert (good.code, good.lines[0]["result"]) == (0, 3)
    assert bad.code == 1
    assert "state" in bad.out
    assert "failed" in bad.out


def test_who_does_not_want_to_wait_longer_gets_an_exit_code_of_its_own(command: Command) -> None:
    id = submitted(command, "test.add", "a=1", "b=2", "--delay", "1h")

    done = command("wait", id, "--timeout", "0.2")

    assert (done.code, done.out) == (5, "")
    assert done.err == f"bellhop: job {id} (test.add) is still scheduled\n"


@pytest.mark.parametrize(
    ("given", "meant"),
    [("what=7", 7), ('what="7"', "7"), ("what=seven", "seven"), ("what=[1, 2]", [1, 2]), ("what=a=b", "a=b")],
)
def test_an_argument_is_json_or_else_text(command: Command, given: str, meant: Any) -> None:
    done = command("submit", "test.note_down", given, "--delay", "1d", "--json")

    assert json.loads(done.out)["args"] == {"what": meant}


def test_arguments_come_from_a_file_and_from_the_standard_input(command: Command, tmp_path: Path) -> None:
    (tmp_path / "args.json").write_text('{"a": 5}')

    file = command("submit", "test.add", "b=7", "--args", str(tmp_path / "args.json"), "--wait", "--json")
    piped = command("submit", "test.add", "--args", "-", "--wait", "--json", stdin='{"a": 1, "b": 2}')

    assert [file.lines[0]["result"], piped.lines[0]["result"]] == [12, 3]


def test_what_the_server_refuses_is_named_by_field(command: Command) -> None:
    done = command("submit", "test.add", "a=five", "b=7")

    assert done.code == 4
    assert done.err == "bellhop: 422 Unprocessable Content: args.a: must be an integer\n"


def test_jobs_are_listed_by_filters_as_a_table_and_as_lines(command: Command) -> None:
    tag = uuid4().hex
    ids = [submitted(command, "test.add", f"a={n}", "b=1", "--tag", tag) for n in range(3)]

    table = command("jobs", "--tag", tag, "--limit", "2").out.splitlines()
    lines = command("jobs", "--tag", tag, "--created-after", "1h", "--task", "test.add", "--json").lines

    assert table[0].split() == ["ID", "STATE", "TASK", "QUEUE", "ATTEMPT", "CREATED"]
    assert [row.split()[0] for row in table[1:]] == ids[:0:-1]
    assert [line["id"] for line in lines] == ids[::-1]


def test_what_others_wrote_does_not_control_the_terminal(command: Command) -> None:
    id = submitted(command, "test.note_down", r'what="\u001b[2J\u009b wiped \u202e"', "--delay", "1h")

    done = command("job", id)

    assert "wiped" in done.out
    assert not {"\x1b", "\x9b", "\u202e"} & set(done.out)


def test_a_log_is_printed_and_followed_until_the_end(command: Command) -> None:
    id = submitted(command, "test.talk", "word=hello")

    followed = command("logs", "-f", id)
    printed = command("logs", id)
    rest = command("logs", id, "--after", "1", "--json")

    assert "acme.plain: logged: hello" in followed.out
    assert followed.out == printed.out
    assert rest.lines[0]["number"] == 2


@pytest.mark.parametrize("follow", [(), ("-f",)])
def test_a_log_is_withheld_from_somebody_without_the_right_to_see_payloads(
    command: Command, system: Stack, monkeypatch: pytest.MonkeyPatch, follow: Sequence[str]
) -> None:
    id = submitted(command, "test.talk", "word=hello")
    viewer = system.user(Role.VIEWER)
    system.sql("UPDATE users SET sees_payloads = false WHERE id = %s", str(viewer.id))
    monkeypatch.setenv("BELLHOP_TOKEN", viewer.http.headers["Authorization"].removeprefix("Bearer "))

    log, job = command("logs", *follow, id), command("job", id, "--json")

    assert (log.code, log.out) == (4, "")
    assert log.err == "bellhop: the log is withheld: it needs the right to see payloads\n"
    assert "args" in json.loads(job.out)["withheld"]


def test_jobs_that_failed_are_retried_after_a_question_with_their_number(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag = uuid4().hex
    for _ in range(2):
        command("submit", "test.fail", "times=9", "permanent=true", "--tag", tag, "--wait")

    unasked = command("retry", "--tag", tag)
    monkeypatch.setattr("bellhop_client.command.asking.is_terminal", lambda: True)
    monkeypatch.setattr("builtins.input", lambda question: print(question) or "n")
    refused = command("retry", "--tag", tag)
    done = command("retry", "--tag", tag, "--yes")

    assert (unasked.code, unasked.err) == (2, "bellhop: retry 2 jobs? Nobody can be asked here: --yes does it\n")
    assert (refused.code, refused.out) == (1, "retry 2 jobs? [y/N] \n")
    assert (done.code, done.out) == (0, "2 of 2 jobs queued again\n")


def test_what_cannot_be_cancelled_is_named_and_the_others_are_cancelled(command: Command) -> None:
    ended = submitted(command, "test.add", "a=1", "b=2", "--wait").splitlines()[0].split()[1]
    waiting = submitted(command, "test.add", "a=1", "b=2", "--delay", "1h")

    done = command("cancel", ended, waiting)

    assert (done.code, done.out) == (4, "1 of 2 jobs cancelled\n")
    assert done.err.startswith(f"bellhop: {ended}: 409 Conflict: ")
    assert command("wait", waiting, "--json").lines[0]["state"] == "cancelled"
