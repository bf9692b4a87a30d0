"""Operations on service tokens, for admins."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from bellhop_client.exchange import Flow, Request, send
from bellhop_client.reading import read
from bellhop_client.writing import encoded, given, moment, path_of


@dataclass(frozen=True, kw_only=True)
class ServiceSecret:
    """One of the secrets of a service token, without what it is."""

    prefix: str
    created_at: datetime
    last_used_at: datetime | None
    valid_until: datetime | None
    """When it ends because another one has taken its place."""


@dataclass(frozen=True, kw_only=True)
class ServiceToken:
    """What an application may do, by patterns of names."""

    id: UUID
    name: str
    tasks: tuple[str, ...]
    queues: tuple[str, ...]
    schedules: tuple[str, ...]
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    last_used_at: datetime | None
    secrets: tuple[ServiceSecret, ...]
    """Those that are valid, the newest first."""


@dataclass(frozen=True, kw_only=True)
class NewServiceToken(ServiceToken):
    """A service token with its new secret."""

    token: str = field(repr=False)
    """The secret, which is shown this once."""


TokenRef = ServiceToken | UUID | str
"""A service token, or its id."""
PATH = "service-tokens"


def list_tokens() -> Flow[tuple[ServiceToken, ...]]:
    """Return the service tokens that are not revoked, by name."""
    return send(Request("GET", path_of(PATH)), _tokens)


def create(
    name: str,
    *,
    tasks: Iterable[str] = (),
    queues: Iterable[str] = ("*",),
    schedules: Iterable[str] = (),
    days: int | None = 365,
) -> Flow[NewServiceToken]:
    """Make a token for an application and return it with its secret, which nobody can look up again.

    It may submit the tasks, to the queues, that fit these patterns, and manage the schedules whose names do; a star
    stands for any characters. It ends after so many days, or never. Raises Conflict where the name is taken. It is
    not sent again where it may have arrived.
    """
    patterns = {"tasks": list(tasks), "queues": list(queues), "schedules": list(schedules)}
    body = encoded({"name": name, **patterns, "days": days})
    return send(Request("POST", path_of(PATH), body=body, repeatable=False), _new)


def change(
    token: TokenRef,
    *,
    tasks: Iterable[str] | None = None,
    queues: Iterable[str] | None = None,
    schedules: Iterable[str] | None = None,
) -> Flow[ServiceToken]:
    """Replace the patterns that are named, for all secrets of a service token, and return it.

    It holds within five seconds. What the token has submitted stays its own.
    """
    named = given(tasks=tasks, queues=queues, schedules=schedules)
    body = encoded({field: list(patterns) for field, patterns in named.items()})
    return send(Request("PATCH", path_of(PATH, token), body=body), _token)


def rotate(token: TokenRef, *, old_until: datetime | None = None, days: int | None = None) -> Flow[NewServiceToken]:
    """Rotate the secret of a service token and return it; the one before is valid beside it until then, or for a day.

    With `days` the token itself ends after so many. It is not sent again where it may have arrived.
    """
    body = encoded({"old_until": moment("old_until", old_until), "days": days})
    return send(Request("POST", path_of(PATH, token, "rotate"), body=body, repeatable=False), _new)


def revoke(token: TokenRef) -> Flow[None]:
    """End a service token with all its secrets; it is refused within five seconds. Its jobs and schedules go on."""
    return send(Request("DELETE", path_of(PATH, token), repeatable=False), _nothing)


def _tokens(data: Any) -> tuple[ServiceToken, ...]:
    return tuple(read(ServiceToken, one) for one in data["service_tokens"])


def _token(data: Any) -> ServiceToken:
    return read(ServiceToken, data)


def _new(data: Any) -> NewServiceToken:
    return read(NewServiceToken, data)


def _nothing(_: Any) -> None:
    """Read an answer without content."""
