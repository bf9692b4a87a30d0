"""`bellhop user`, on a real system."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from bellhop_ledger.accounts.roles import Role
from tests.stack import Stack

Command = Callable[..., Any]


def test_people_are_listed_as_a_table_and_as_lines(command: Command, system: Stack) -> None:
    user = system.user(Role.VIEWER)

    table, lines = command("user", "--role", "viewer"), command("user", "list", "--address", user.email, "--json")

    assert (table.code, user.email in table.out) == (0, True)
    assert [one["id"] for one in lines.lines] == [str(user.id)]


def test_somebody_is_invited(command: Command) -> None:
    email = f"{uuid4().hex}@example.org"

    done, again = command("user", "invite", email, "viewer"), command("user", "invite", email, "viewer")

    assert (done.code, email in done.out, again.code) == (0, True, 4)
    assert "is invited already" in again.err


def test_invitations_are_listed_as_a_table_and_as_lines(command: Command) -> None:
    email = f"{uuid4().hex}@example.org"
    made = json.loads(command("user", "invite", email, "member", "--json").out)

    table, lines = command("user", "invitations"), command("user", "invitations", "--json")

    assert re.search(rf"^{email} +member .* {made['id']}$", table.out, re.MULTILINE)
    assert [one for one in lines.lines if one["email"] == email] == [made]


def test_an_invitation_is_sent_again_by_its_address_and_revoked_by_its_id(command: Command) -> None:
    email = f"{uuid4().hex}@example.org"
    made = json.loads(command("user", "invite", email, "member", "--json").out)

    again = json.loads(command("user", "resend", email.upper(), "--json").out)
    done, twice = command("user", "revoke", made["id"]), command("user", "revoke", email)

    assert (again["id"], again["sent_at"] > made["sent_at"]) == (made["id"], True)
    assert (done.code, done.out, twice.code) == (0, f"revoked the invitation of {email}\n", 2)
    assert f"argument WHICH: there is no open invitation of {email}" in twice.err


@pytest.mark.parametrize("verb", ["resend", "revoke"])
def test_what_names_no_invitation_is_refused(command: Command, verb: str) -> None:
    done = command("user", verb, "nobody")

    assert done.code == 2
    assert "argument WHICH: 'nobody' is neither a mail address nor an id" in done.err


def test_a_role_is_changed_and_an_account_disabled_and_enabled_by_its_address(command: Command, system: Stack) -> None:
    user = system.user(Role.MEMBER)

    changed = command("user", "role", user.email.upper(), "operator", "--payloads", "no", "--json")
    disabled = command("user", "disable", str(user.id), "--reason", "Has left")
    enabled = command("user", "enable", user.email)

    assert (json.loads(changed.out)["role"], json.loads(changed.out)["sees_payloads"]) == ("operator", False)
    assert "disabled" in disabled.out
    assert "active" in enabled.out


def test_who_is_not_there_is_named(command: Command) -> None:
    nobody, nothing = command("user", "enable", "nobody@example.org"), command("user", "enable", "nobody")

    assert (nobody.code, nothing.code) == (2, 2)
    assert "nobody@example.org" in nobody.err
    assert "'nobody' is neither a mail address nor an id" in nothing.err


def test_personal_data_are_written_to_a_new_file(command: Command, system: Stack, tmp_path: Path) -> None:
    user, path = system.user(Role.MEMBER), tmp_path / "data.json"

    done, again = (command("user", "export", user.email, "--output", str(path)) for _ in range(2))

    assert (done.code, done.out, again.code) == (0, "", 2)
    assert json.loads(path.read_text())["account"]["email"] == user.email
    assert json.loads(command("user", "export", user.email).out)["account"]["id"] == str(user.id)


def test_an_account_is_deleted_once_what_it_made_is_handed_over(command: Command, system: Stack) -> None:
    user, heir, name = system.user(Role.OPERATOR), system.user(Role.ADMIN), f"of {uuid4().hex}"
    body = {"name": name, "crontab": "0 0 31 12 *", "task": "test.add", "args": {"a": 1, "b": 2}}
    assert user.http.post("/api/schedules", json=body).status_code == 201

    asked = command("user", "delete", user.email)
    refused = command("user", "delete", user.email, "--yes")
    done = command("user", "delete", user.email, "--yes", "--hand-over-to", heir.email)

    assert (asked.code, refused.code, done.code) == (2, 4, 0)
    assert f"schedule {name}" in refused.err
    assert command("user", "enable", user.email).code == 2
