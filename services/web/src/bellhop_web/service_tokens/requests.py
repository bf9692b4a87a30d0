"""What people send about service tokens, and what they see of them."""

from datetime import datetime, timedelta
from typing import Annotated, Self
from uuid import UUID

from pydantic import BaseModel, Field

from bellhop.errors import Conflict, Fault
from bellhop.text import ONE_LINE
from bellhop_ledger.accounts.grants import Grant
from bellhop_ledger.accounts.patterns import LONGEST, MOST
from bellhop_ledger.accounts.service_tokens import NewService, ServiceSecret, ServiceToken, is_valid
from bellhop_ledger.platform import clock
from bellhop_web.http.fields import Moment
from bellhop_web.http.request import Closed
from bellhop_web.http.times import Utc

LONGEST_LIFE, LONGEST_OVERLAP = 3_660, timedelta(days=90)
Pattern = Annotated[str, Field(min_length=1, max_length=LONGEST), ONE_LINE]
Patterns = Annotated[list[Pattern], Field(max_length=MOST)]
Days = Annotated[int, Field(ge=1, le=LONGEST_LIFE)]
Password = Annotated[str, Field(min_length=1, max_length=200)]
STAR = "A star stands for any characters, everything else for itself"
PROOF = (
    "Yours, where you are signed in with a browser, so that one left signed in makes no token; else null, also where "
    "your account has none: then sign in again within ten minutes before"
)


class NewServiceToken(Closed):
    """A service token that is wanted."""

    name: Annotated[str, Field(min_length=1, max_length=100), ONE_LINE] = Field(
        description="What it is for; no other service token has it", examples=["billing"]
    )
    tasks: Patterns = Field(
        default_factory=list, description=f"Patterns of the tasks that it may submit. {STAR}", examples=[["billing.*"]]
    )
    queues: Annotated[Patterns, Field(min_length=1)] = Field(
        default=["*"], description="Patterns of the queues in which its jobs may wait; both must fit, task and queue"
    )
    schedules: Patterns = Field(
        default_factory=list,
        description="Patterns of the names of schedules that it may see and manage; what they run it must be allowed "
        "to submit",
        examples=[["billing *"]],
    )
    days: Days | None = Field(default=365, description="After so many days it ends; null: never")
    password: Password | None = Field(default=None, description=PROOF)

    def wanted(self) -> NewService:
        """Return it with its end."""
        grant = Grant(tuple(self.tasks), tuple(self.queues), tuple(self.schedules))
        return NewService(self.name, grant, end_after(self.days))


class ServiceTokenChanges(Closed):
    """What is to be changed of a service token; what is not named, or null, stays as it is."""

    tasks: Patterns | None = Field(
        default=None, description="In place of all its patterns of tasks", examples=[["billing.*", "reports.*"]]
    )
    queues: Annotated[Patterns, Field(min_length=1)] | None = Field(
        default=None, description="In place of all its patterns of queues"
    )
    schedules: Patterns | None = Field(
        default=None, description="In place of all its patterns of the names of schedules"
    )
    password: Password | None = Field(default=None, description=PROOF)

    def patterns(self) -> dict[str, list[str]]:
        """Return the patterns that are named, by field."""
        return self.model_dump(exclude={"password"}, exclude_none=True)


class Rotation(Closed):
    """A second secret for a service token."""

    old_until: Moment | None = Field(
        default=None,
        description="Until when the secret before it is valid, too: ISO 8601 (UTC when it has no offset) or seconds "
        "since 1970; at most in 90 days. null: for a day. A date that has passed ends it at once",
        examples=["2030-02-07T00:00:00Z"],
    )
    days: Days | None = Field(
        default=None, description="After so many days from now the token itself ends; null: as it is"
    )
    password: Password | None = Field(default=None, description=PROOF)

    def end_of_old(self) -> datetime:
        """Return when the secret before it ends. Raises TooFarAway."""
        most = clock.now() + LONGEST_OVERLAP
        if self.old_until is not None and self.old_until > most:
            raise TooFarAway
        return self.old_until or clock.now() + timedelta(days=1)


class TooFarAway(Conflict):
    """Two secrets of one token are valid for a while only."""

    def __init__(self) -> None:
        super().__init__(faults=[Fault("old_until", "must lie within 90 days")])


def end_after(days: int | None) -> datetime | None:
    """Return when something ends that is valid for so many days."""
    return None if days is None else clock.now() + timedelta(days=days)


class ServiceSecretView(BaseModel):
    """One of the secrets of a service token, without what it is."""

    prefix: str = Field(description="How it begins")
    created_at: Utc
    last_used_at: Utc | None = Field(description="To the minute; null when it was never used")
    valid_until: Utc | None = Field(
        description="When it ends because another one has taken its place; null: it does not"
    )


class ServiceTokenView(BaseModel):
    """A service token: what an application may do."""

    id: UUID
    name: str
    tasks: list[str]
    queues: list[str]
    schedules: list[str]
    created_at: Utc
    created_by: str = Field(description="`user:<id>` or `token:<id>`")
    expires_at: Utc | None = Field(description="From then on it is refused, until a rotation renews it; null: never")
    last_used_at: Utc | None = Field(description="The latest use of its secrets, to the minute")
    secrets: list[ServiceSecretView] = Field(description="The secrets that are valid, the newest first")

    @classmethod
    def of(cls, token: ServiceToken) -> Self:
        """Show a service token."""
        facts = {name: getattr(token, name) for name in cls.model_fields.keys() - {"secrets", "last_used_at"}}
        used = [secret.last_used_at for secret in token.secrets if secret.last_used_at]
        shown = [_secret(secret) for secret in token.secrets if is_valid(secret)]
        return cls(**facts, secrets=shown, last_used_at=max(used, default=None))


def _secret(secret: ServiceSecret) -> ServiceSecretView:
    return ServiceSecretView.model_validate(secret, from_attributes=True)


class ServiceTokensView(BaseModel):
    """The service tokens that are not revoked, by name."""

    service_tokens: list[ServiceTokenView]


class NewSecretView(ServiceTokenView):
    """A service token with its new secret, which is shown this once."""

    token: str = Field(description="Send it as `Authorization: Bearer <token>`; nobody can look it up again")

    @classmethod
    def of_secret(cls, token: ServiceToken, secret: str) -> Self:
        """Show a token with a secret that was just made."""
        return cls(**dict(ServiceTokenView.of(token)), token=secret)
