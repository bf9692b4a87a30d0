"""Retrying and cancelling all jobs that a query finds, with both clients and by `bellhop jobs`."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from bellhop_client import Conflict, Invalid
from tests.stack import Stack

Command = Callable[..., Any]


@pytest.fixture
def q(stack: Stack) -> str:
    """A query that finds two failed jobs."""
    return failed(stack)


def failed(stack: Stack) -> str:
    tag = uuid4().hex
    for _ in range(2):
        stack.ended(stack.submit("test.fail", args={"times": 9, "permanent": True}, tags=[tag])["id"])
    return f"tag:{tag}"


def test_what_a_query_finds_is_counted_and_retried(client: Any, q: str) -> None:
    number = client.bulk.count("retry", q)

    with pytest.raises(Conflict, match="2 jobs can be retried by now, and not 3"):
        client.bulk.retry(q, 3)
    done = client.bulk.wait(client.bulk.retry(q, number))

    assert (number, done.state, done.changed, done.ended) == (2, "done", 2, True)
    assert client.bulk.get(done) == done
    assert done in list(client.bulk.list())
    with pytest.raises(Invalid, match="q"):
        client.bulk.count("retry", "no-such-term:x")


def test_what_has_a_delay_is_undone_and_one_key_is_one_action(client: Any, q: str) -> None:
    made = [client.bulk.retry(q, 2, delay=3600, key=(key := uuid4().hex)), client.bulk.retry(q, 2, delay=3600, key=key)]

    waiting = client.bulk.wait(made[0], timeout=0)
    undone = client.bulk.undo(made[0])

    assert made[0].id == made[1].id
    assert (waiting.state, undone.state) == ("waiting", "undone")


def test_the_command_counts_asks_and_does_it(command: Command, monkeypatch: pytest.MonkeyPatch, system: Stack) -> None:
    q = failed(system)
    unasked = command("jobs", "retry", "--q", q)
    monkeypatch.setattr("bellhop_client.command.asking.is_terminal", lambda: True)
    monkeypatch.setattr("builtins.input", lambda question: print(question) or "n")
    refused = command("jobs", "retry", "--q", q)
    wrong = command("jobs", "retry", "--q", q, "--count", "3")
    done = command("jobs", "retry", "--q", q, "--yes")
    none = command("jobs", "cancel", "--q", f"{q} id:{uuid4()}", "--json")

    assert (unasked.code, unasked.err) == (2, "bellhop: retry 2 jobs? Nobody can be asked here: --yes does it\n")
    assert (refused.code, refused.out, refused.err) == (1, "retry 2 jobs? [y/N] \n", "bellhop: nothing was done\n")
    assert (wrong.code, "2 jobs can be retried by now, and not 3" in wrong.err) == (4, True)
    assert (done.code, done.out) == (0, "2 of 2 jobs queued again\n")
    assert (none.code, none.out) == (0, "there is no job to cancel\n")
