"""People: an admin lists them, invites, disables, exports and deletes them, with both clients."""

from typing import Any
from uuid import uuid4

import pytest

from bellhop_client import Conflict, NotFound
from tests.stack import Stack


def test_a_person_is_listed_changed_and_kept_out(client: Any, stack: Stack) -> None:
    user = stack.user("user")

    [found] = client.people.list(address=user.email, page_size=1)

    assert (found.id, found.role, found.state) == (user.id, "member", "active")
    assert client.people.change_role(found, "viewer", sees_payloads=False).sees_payloads is False
    assert client.people.disable(found, reason="Has left").state == "disabled"
    assert client.people.enable(found.id).state == "active"
    assert client.people.get(found).role == "viewer"


def test_somebody_is_invited_again_and_not_any_more(client: Any) -> None:
    email = f"{uuid4().hex}@example.org"

    invited = client.people.invite(email, "operator")

    with pytest.raises(Conflict):
        client.people.invite(email, "operator")
    assert client.people.resend_invitation(invited).sent_at > invited.sent_at
    assert email in [one.email for one in client.people.list_invitations()]
    client.people.revoke_invitation(invited)
    with pytest.raises(NotFound):
        client.people.revoke_invitation(invited)


def test_personal_data_are_exported_and_deleted(client: Any, stack: Stack) -> None:
    user = stack.user("user")

    assert client.people.export(user.id)["account"]["email"] == user.email
    client.people.delete(user.id)

    with pytest.raises(NotFound):
        client.people.get(user.id)
