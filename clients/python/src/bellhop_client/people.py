"""Operations on people, for admins: who has an account, what they may do, and whether they come in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from bellhop_client.exchange import Flow, Request, send
from bellhop_client.paging import pages
from bellhop_client.reading import read
from bellhop_client.writing import encoded, path_of, query_of

Role = Literal["viewer", "member", "operator", "admin"]
PersonState = Literal["active", "unconfirmed", "disabled"]


@dataclass(frozen=True, kw_only=True)
class Person:
    """Somebody with an account."""

    id: UUID
    email: str
    role: Role
    sees_payloads: bool
    """Whether they are shown what jobs of others were given, returned and said."""
    state: PersonState
    created_at: datetime
    activated_at: datetime | None
    disabled_at: datetime | None
    last_seen_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """An invitation that is neither accepted nor revoked."""

    id: UUID
    email: str
    role: Role
    invited_by: str
    created_at: datetime
    sent_at: datetime
    expires_at: datetime
    expired: bool
    """Whether its link is no longer valid; it can be sent again."""


PersonRef = Person | UUID | str
"""A person, or the id of an account."""
InvitationRef = Invitation | UUID | str
"""An invitation, or its id."""


def list_people(
    *, address: str | None = None, role: Role | None = None, state: PersonState | None = None, page_size: int = 100
) -> Flow[None]:
    """Iterate over the people that fit all filters, who came last first; `address` is a part of theirs."""
    query = query_of(address=address, role=role, state=state, limit=page_size)
    return pages(path_of("people"), query, "people", Person)


def get(person: PersonRef) -> Flow[Person]:
    """Return a person as they are now. Raises NotFound."""
    return send(Request("GET", path_of("people", person)), _person)


def change_role(person: PersonRef, role: Role, *, sees_payloads: bool | None = None) -> Flow[Person]:
    """Change what somebody may do. Raises NotFound, and Conflict for the last admin."""
    body = encoded({"role": role, "sees_payloads": sees_payloads})
    return send(Request("PUT", path_of("people", person, "role"), body=body), _person)


def disable(person: PersonRef, *, reason: str | None = None) -> Flow[Person]:
    """Keep somebody out; their sessions and tokens end. Raises NotFound, and Conflict for the last admin."""
    return send(Request("POST", path_of("people", person, "disable"), body=encoded({"reason": reason})), _person)


def enable(person: PersonRef) -> Flow[Person]:
    """Let somebody in again. Raises NotFound."""
    return send(Request("POST", path_of("people", person, "enable")), _person)


def export(person: PersonRef) -> Flow[dict[str, Any]]:
    """Return all that is kept of somebody. Raises NotFound."""
    return send(Request("POST", path_of("people", person, "export"), body=encoded({})), dict)


def delete(person: PersonRef, *, hand_over_to: str | None = None) -> Flow[None]:
    """Delete an account with its personal data.

    The admin with the address `hand_over_to` takes over the schedules and service tokens that it has made. Raises
    NotFound, and Conflict for the last admin, and where there are such things and nobody takes them over.
    """
    body = encoded({"hand_over_to": hand_over_to})
    return send(Request("POST", path_of("people", person, "deletion"), body=body, repeatable=False), _nothing)


def invite(email: str, role: Role) -> Flow[Invitation]:
    """Invite somebody by mail. Raises Forbidden where SIGN_UP is off, and Conflict for an address that is known.

    It is not sent again where it may have arrived.
    """
    body = encoded({"email": email, "role": role})
    return send(Request("POST", path_of("invitations"), body=body, repeatable=False), _invitation)


def list_invitations() -> Flow[tuple[Invitation, ...]]:
    """Return the invitations that are neither accepted nor revoked, newest first."""
    return send(Request("GET", path_of("invitations")), _invitations)


def resend_invitation(invitation: InvitationRef) -> Flow[Invitation]:
    """Send an invitation again, with a new link; those before it end. Raises NotFound."""
    path = path_of("invitations", invitation, "resend")
    return send(Request("POST", path, repeatable=False), _invitation)


def revoke_invitation(invitation: InvitationRef) -> Flow[None]:
    """Revoke an invitation: its link ends at once. Raises NotFound."""
    return send(Request("DELETE", path_of("invitations", invitation), repeatable=False), _nothing)


def _person(data: Any) -> Person:
    return read(Person, data)


def _invitation(data: Any) -> Invitation:
    return read(Invitation, data)


def _invitations(data: Any) -> tuple[Invitation, ...]:
    return tuple(read(Invitation, one) for one in data["invitations"])


def _nothing(_: Any) -> None:
    """Read an answer without content."""
