"""`bellhop token`: service tokens are made, changed, rotated and revoked, and a secret is printed once."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest

from bellhop_client import Client, Forbidden, Unauthorized
from tests.stack import Stack, wait_until

Command = Callable[..., Any]


@pytest.fixture
def name() -> str:
    return f"command {uuid4().hex}"


@pytest.fixture
def connect(system: Stack) -> Iterator[Callable[[str], Client]]:
    made: list[Client] = []

    def open_one(token: str) -> Client:
        made.append(Client(system.url, token))
        return made[-1]

    yield open_one
    for client in made:
        client.close()


def test_a_secret_is_printed_alone_and_nowhere_else(
    command: Command, name: str, connect: Callable[[str], Client]
) -> None:
    made = command("token", "create", name, "--task", "test.add", "--task", "test.f*", "--never")
    secret = made.out.strip()

    assert (made.code, made.out, made.err) == (0, f"{secret}\n", "")
    assert connect(secret).submit("test.add", {"a": 1, "b": 2}).submitter is not None
    for verb in (("list",), ("list", "--json"), ("show", name), ("show", name, "--json")):
        shown = command("token", *verb)
        assert (name in shown.out, secret in shown.out + shown.err) == (True, False)


def test_tokens_are_a_table_and_lines_of_json(command: Command, name: str) -> None:
    made = json.loads(command("token", "create", name, "--task", "test.*", "--queue", "slow", "--json").out)

    [row] = [line for line in command("token").out.splitlines() if line.startswith(name)]
    [line] = [one for one in command("token", "list", "--json").lines if one["name"] == name]
    facts = dict(line.split(maxsplit=1) for line in command("token", "show", made["id"]).out.splitlines()[:8])

    assert row.split()[-3:] == ["test.*", "slow", "none"]
    assert (line["tasks"], line["schedules"], "token" in line) == (["test.*"], [], False)
    assert (facts["queues"], facts["schedules"]) == ("slow", "none")
    assert made["token"].startswith(line["secrets"][0]["prefix"])


def test_what_it_may_do_is_changed(command: Command, name: str, connect: Callable[[str], Client]) -> None:
    secret = command("token", "create", name, "--task", "test.add", "--schedule", "a *").out.strip()

    changed = command("token", "change", name, "--task", "test.noop", "--no-schedules", "--json")

    assert (json.loads(changed.out)["tasks"], json.loads(changed.out)["schedules"]) == (["test.noop"], [])
    application = connect(secret)
    assert application.submit("test.noop")
    with pytest.raises(Forbidden):
        application.submit("test.add", {"a": 1, "b": 2})


@pytest.mark.parametrize("argv", [(), ("--task", "test.*", "--no-tasks")])
def test_a_change_of_nothing_or_of_a_list_both_ways_is_refused(
    command: Command, name: str, argv: tuple[str, ...]
) -> None:
    done = command("token", "change", name, *argv)

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("bellhop: change: name patterns by --task")


def test_a_secret_is_rotated_and_the_one_before_ends_when_it_should(
    command: Command, name: str, connect: Callable[[str], Client]
) -> None:
    first = connect(command("token", "create", name, "--task", "*").out.strip())
    second = connect(command("token", "rotate", name, "--old-until", "1h").out.strip())

    assert [list(client.list()) for client in (first, second)] == [[], []]

    third = connect(command("token", "rotate", name, "--old-until", "0s", "--days", "3").out.strip())
    wait_until(lambda: is_refused(first) and is_refused(second))
    assert list(third.list()) == []


def is_refused(client: Client) -> bool:
    try:
        list(client.list())
    except Unauthorized:
        return True
    return False


def test_a_token_is_revoked_and_then_not_found(command: Command, name: str) -> None:
    command("token", "create", name)

    assert command("token", "revoke", name).out == f"revoked {name}\n"
    again = command("token", "revoke", name)
    assert (again.code, again.err) == (4, f"bellhop: no service token has the name {name!r}\n")


def test_a_name_is_taken_once_and_only_admins_make_any(
    command: Command, name: str, system: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = command("token", "create", name).out.strip()

    taken = command("token", "create", name)
    monkeypatch.setenv("BELLHOP_TOKEN", secret)
    forbidden = command("token")

    assert (taken.code, "name: is the name of another service token" in taken.err) == (4, True)
    assert (forbidden.code, forbidden.err.startswith("bellhop: 403 Forbidden")) == (4, True)
