"""What admins send about people."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from bellhop.text import ONE_LINE
from bellhop_ledger.accounts.roles import Role
from bellhop_web.accounts.fields import Email, LinkToken, Password
from bellhop_web.http.request import Closed, Parameters

Reason = Annotated[str, Field(min_length=1, max_length=500), ONE_LINE]


PROOF = (
    "Yours, where you are signed in with a browser; else null, also where your account has none: then sign in again "
    "within ten minutes before"
)
OWN_PROOF = "Yours; null where your account has none: then sign in again within ten minutes before"


class PersonPath(Parameters):
    """Which person."""

    person_id: UUID = Field(description="The account's `id`")


class RoleRequest(Closed):
    """What somebody may do from now on."""

    role: Role = Field(strict=False, description="`viewer`, `member`, `operator` or `admin`")
    sees_payloads: bool | None = Field(
        default=None,
        description="Whether arguments, results, errors and logs of others' jobs are shown; null: as it is",
    )


class Disabling(Closed):
    """That somebody shall not come in."""

    reason: Reason | None = Field(default=None, description="Why: it stands in the audit", examples=["Has left"])


class NewAddress(Closed):
    """The address that somebody shall have."""

    email: Email
    password: Password | None = Field(default=None, description=PROOF)


class AddressChange(Closed):
    """The address that an account shall have, and the password of its owner."""

    email: Email
    password: Password | None = Field(default=None, description=OWN_PROOF)


class AddressConfirmation(Closed):
    """The link of the mail to a new address."""

    token: LinkToken
